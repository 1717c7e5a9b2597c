import { examineSocket } from '@switchhook/shared/doctor'
import { urlFlag } from '../arguments.ts'
import { command } from '../command.ts'
import { localUrl } from '../flags/local-url.ts'
import { UsageError } from '../exit-codes.ts'
import { progress, report } from './report.ts'
import { tokenFlags, tokenIn } from './token.ts'

/** Connects to a hub as a client does, and explains its refusal. */
export const doctorWs = command({
  summary: 'Connects to the hub as a client does, and explains why it is refused.',
  flags: {
    url: {
      type: 'string',
      value: '<wss://…/ws>',
      description: 'The socket; that of HOST and PORT if not given.',
    },
    origin: {
      type: 'string',
      value: '<https://…>',
      description: 'Of the page that connects; a program has none.',
    },
    ...tokenFlags,
  },
  async run({ flags, environment, out }) {
    const local = (): string => localUrl(environment, '/ws').replace(/^http/, 'ws')
    const url = urlFlag('url', flags.url ?? local(), ['ws:', 'wss:'])
    assertHub(url)
    progress(out, `Connecting to ${url.host} …`)
    const token = tokenIn(flags, environment)
    return report(examineSocket({ url, origin: flags.origin, token, now: Date.now }), out)
  },
})

/** @throws UsageError for a socket of phones, which takes no part in what a hub says */
function assertHub({ pathname, origin }: URL): void {
  const [, upstream] = /\/api\/sip-ws\/([^/]+)$/.exec(pathname) ?? []
  if (upstream === undefined) return
  const base = origin.replace(/^ws/, 'http')
  throw new UsageError(`that is a socket of phones: doctor ${base} --upstream ${upstream} tries it`)
}
