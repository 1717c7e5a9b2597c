import { answered } from '../hub/index.ts'
import { below, socketOf } from '../hub/place.ts'
import { closeFault, statusFault, unreachableFault } from '../hub/refusals.ts'
import { headersOf, openSocket, type Credentials } from '../hub/socket.ts'
import { subprotocol } from '../../protocol/index.ts'
import { converse, type Conversation } from '../conversation.ts'
import { fault, fine, skipped, type Finding } from '../finding.ts'
import { objectIn } from '../json.ts'
import { unreachable } from '../unreachable.ts'

/** For how long a socket has to stay open without a word. */
const idleMs = 3_000
const farewellMs = 15_000
const passOn =
  'Let the proxy keep idle WebSockets (nginx: proxy_read_timeout 60s; at least 45 s, for a heartbeat comes every 20 s).'

/** Opens a socket through whatever stands in front, and leaves it alone for a while. */
export async function socketFinding(base: URL, credentials: Credentials): Promise<Finding> {
  const url = socketOf(base)
  try {
    const opened = await openSocket(url, credentials, [subprotocol])
    if (opened.status !== 101) return statusFault(opened, url)
    const talk = converse(opened.socket, opened.head)
    try {
      return await (credentials.token === undefined ? stranger(talk) : member(talk))
    } finally {
      talk.end()
    }
  } catch (error) {
    return unreachableFault(error)
  }
}

/** Whoever says nothing is waited for, and then closed with the reason: that it arrives shows that all passes. */
async function stranger(talk: Conversation): Promise<Finding> {
  const early = await talk.next(idleMs)
  const said = early ?? (await talk.next(farewellMs))
  if (said?.kind === 'close' && said.reason === 'auth_missing') {
    const kept = early === null ? `, and an idle socket is kept for ${idleMs / 1_000} s` : ''
    return fine('ok', `WebSockets pass${kept}`)
  }
  return ended(said)
}

async function member(talk: Conversation): Promise<Finding> {
  const said = await talk.next(idleMs)
  if (said?.kind !== 'message') return ended(said)
  for (;;) {
    const more = await talk.next(idleMs)
    if (more === null) break
    if (more.kind !== 'message') return ended(more)
  }
  const pong = await answered(talk)
  return pong.ok
    ? fine('ok', `WebSockets pass, and an idle socket is kept for ${idleMs / 1_000} s`)
    : pong
}

function ended(said: Awaited<ReturnType<Conversation['next']>>): Finding {
  if (said?.kind === 'close') return closeFault(said.code, said.reason)
  if (said?.kind === 'gone')
    return fault('cut_off', `an idle socket is cut off: ${said.why}`, passOn)
  return fault('silent', 'the socket opens, and what the service says does not arrive', passOn)
}

/** How soon the first words of a stream have to be there. */
const streamMs = 3_000

/** Whether server-sent events arrive as they are sent. */
export async function streamFinding(base: URL, credentials: Credentials): Promise<Finding> {
  if (credentials.token === undefined) return skipped('needs a token: --token-file')
  const url = below(base, '/events').href
  const leaving = new AbortController()
  const timer = setTimeout(() => leaving.abort(new Error('late')), streamMs)
  try {
    const headers = headersOf(credentials)
    const response = await fetch(url, { headers, signal: leaving.signal, redirect: 'manual' })
    if (!/event-stream/.test(response.headers.get('content-type') ?? '')) {
      return await notAStream(response)
    }
    const first = await response.body?.getReader().read()
    return first?.done === false ? fine('ok', 'events arrive as they are sent') : held
  } catch (error) {
    return leaving.signal.aborted ? held : unreachable(error, url)
  } finally {
    clearTimeout(timer)
    leaving.abort()
  }
}

async function notAStream(response: Response): Promise<Finding> {
  const { code, detail, fix } = objectIn((await response.text()).slice(0, 65_536))
  if (typeof code !== 'string' || typeof detail !== 'string') {
    return fault(
      'not_switchhook',
      `it answers ${response.status}, and no stream`,
      'Let the proxy pass /events on, with its path as it is.',
    )
  }
  return fault(code, `${response.status}: ${detail}`, typeof fix === 'string' ? fix : null)
}

const held = fault(
  'stream_held_back',
  `nothing arrives within ${streamMs / 1_000} s: something in front holds events back`,
  'Switch off buffering and compression for /events in the proxy (nginx: proxy_buffering off).',
)
