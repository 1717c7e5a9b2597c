import { connect, type ConnectionState } from '@switchhook/browser'
import { parseCursor } from '@switchhook/shared/protocol'
import { urlFlag } from '../arguments.ts'
import { command } from '../command.ts'
import { eventLine } from '../event-line.ts'
import { exitCodes, Failure, UsageError } from '../exit-codes.ts'
import { onInterruption } from '../interruption.ts'
import { issueToken } from '../jwt.ts'
import { localUrl } from '../flags/local-url.ts'
import type { Output } from '../output.ts'

const hourSeconds = 3_600

/** Follows the events of an app, across lost connections, until Ctrl-C. */
export const eventsTail = command({
  summary: 'Prints events as they happen, one per line.',
  flags: {
    url: {
      type: 'string',
      value: '<url>',
      description: 'The hub; that of HOST and PORT if not given.',
    },
    token: {
      type: 'string',
      value: '<jwt>',
      description: 'Signs in; without one a token is made with JWT_SECRET.',
    },
    cursor: {
      type: 'string',
      value: '<epoch>:<seq>',
      description: 'Begin after this place instead of now.',
    },
  },
  async run({ flags: { url, token, cursor }, environment, out }) {
    const hub = urlFlag('url', url ?? localUrl(environment, '/ws'), [
      'ws:',
      'wss:',
      'http:',
      'https:',
    ])
    if (cursor !== undefined && !parseCursor(cursor)) {
      throw new UsageError(`--cursor must be like k7:10482, is '${cursor}'`)
    }
    const freshToken = (): string =>
      issueToken({ email: 'cli@localhost', ttlSeconds: hourSeconds }, environment).token
    const end = Promise.withResolvers<void>()
    const connection = connect({
      url: hub,
      token: token ?? freshToken,
      ...(cursor !== undefined && { cursor }),
      onEvent: (frame) => out.result(eventLine(frame), frame),
      onSnapshot: ({ seq }) => {
        out.complain(
          `The hub no longer has the events after the cursor; going on after seq ${seq}.`,
        )
      },
      onState(state) {
        if (state.name === 'refused') end.reject(refusal(state))
        else tell(state, out)
      },
    })
    const stopListening = onInterruption(() => end.resolve())
    try {
      await end.promise
    } finally {
      stopListening()
      const last = connection.cursor
      connection.close()
      if (last !== null) out.complain(`To continue from here: --cursor ${last}`)
    }
    return exitCodes.ok
  },
})

function refusal({ code, detail, fix }: ConnectionState & { name: 'refused' }): Failure {
  return new Failure(`The hub refused: ${[code, detail].join(' ').trim()}`, fix || undefined)
}

/** On stderr, so that stdout has events and nothing else. */
function tell(state: ConnectionState, out: Output): void {
  if (state.name === 'live') out.complain('Connected; nothing is missing.')
  if (state.name === 'reconnecting') {
    out.complain(`Trying again in ${(state.inMs / 1000).toFixed(1)} s: ${state.why}.`)
  }
}
