import { examineDeployment } from '@switchhook/shared/doctor'
import { command } from '../command.ts'
import { progress, report } from './report.ts'
import { onlyUrl } from './target.ts'
import { tokenFlags, tokenIn } from './token.ts'

/** Looks at a whole deployment from outside. */
export const doctor = command({
  summary: 'Looks at a whole deployment from outside: TLS, pages, sockets, webhooks, phones.',
  words: '<https://deployment>',
  flags: {
    origin: {
      type: 'string',
      value: '<https://…>',
      description: 'Of a page that is to connect.',
    },
    upstream: {
      type: 'string',
      value: '<name or id>',
      description: 'A PBX that is to be reached through it.',
    },
    ...tokenFlags,
  },
  async run({ flags, words, environment, out }) {
    const url = onlyUrl(words, ['https:', 'http:'])
    progress(out, `Looking at ${url.host} …`)
    const { origin, upstream } = flags
    const token = tokenIn(flags, environment)
    return report(examineDeployment({ url, origin, upstream, token, now: Date.now }), out)
  },
})
