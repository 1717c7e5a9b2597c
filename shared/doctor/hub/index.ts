import { subprotocol } from '../../protocol/index.ts'
import { converse, type Conversation, type Said } from '../conversation.ts'
import { fault, faultIn, fine, type Check, type Finding } from '../finding.ts'
import { objectIn } from '../json.ts'
import { printable } from '../printable.ts'
import { examineTls } from '../tls/index.ts'
import { askCheck } from './check.ts'
import { baseOf, below } from './place.ts'
import { closeFault, isOfTls, statusFault, unreachableFault } from './refusals.ts'
import { openSocket, type Credentials, type Opened } from './socket.ts'
import { tokenCheck } from './token.ts'

export interface SocketExamination extends Credentials {
  /** `wss://calls.example.com/ws` */
  readonly url: URL
  /** Unix milliseconds. */
  readonly now: () => number
}

const giveOne =
  'The way there is right, and a credential is asked for: give one by --token-file to go on.'
const welcomeMs = 5_000
const mostMessages = 100

/** Connects to a hub as a client does, and says why it refuses: in its own words, or by what answers in its place. */
export async function* examineSocket(examination: SocketExamination): AsyncGenerator<Check> {
  const { url, token, now } = examination
  if (token !== undefined) yield tokenCheck(token, now())
  for await (const each of handshake(examination)) {
    yield each
    // Whoever is not reached cannot be asked either.
    if (['connection', 'tls'].includes(each.check)) return
  }
  const { finding } = await askCheck(below(baseOf(url), '/api/ws/check'), examination)
  yield { check: '/api/ws/check', ...finding }
}

async function* handshake(examination: SocketExamination): AsyncGenerator<Check> {
  const { url, token } = examination
  try {
    // Without a credential one that offers nothing is told at once.
    const opened = await openSocket(url, examination, token === undefined ? [] : [subprotocol])
    if (opened.status === 101) yield* conversation(opened, token !== undefined)
    else yield { check: 'socket', ...statusFault(opened, url) }
  } catch (error) {
    yield* connectionFaults(error, examination)
  }
}

/** Why a deployment cannot be connected to: what is wrong with its TLS, one after the other, where it is that. */
export async function* connectionFaults(
  error: unknown,
  { url, now }: { readonly url: URL; readonly now: () => number },
): AsyncGenerator<Check> {
  if (!isOfTls(error)) {
    yield { check: 'connection', ...unreachableFault(error) }
    return
  }
  let isTold = false
  // What the proxy to a PBX could do about it is of no use here.
  for await (const each of examineTls({ url, now, allowPrivate: false, caFile: '' })) {
    if (!['connection', 'trust'].includes(each.check) || each.ok) continue
    isTold = true
    yield { ...each, check: 'tls' }
  }
  if (!isTold) yield { check: 'tls', ...faultIn(error) }
}

async function* conversation(
  { socket, head, protocol }: Opened,
  hasToken: boolean,
): AsyncGenerator<Check> {
  const talk = converse(socket, head)
  try {
    const welcome = welcomeOf(await talk.next(welcomeMs), protocol)
    const isAsked = welcome.code === 'auth_missing' && !hasToken
    yield { check: 'socket', ...welcome, ...(isAsked && { fix: giveOne }) }
    if (welcome.ok) yield { check: 'heartbeat', ...(await answered(talk)) }
  } finally {
    talk.end()
  }
}

/** What the first thing that is said means. */
function welcomeOf(said: Said | null, protocol: string | null): Finding {
  if (said === null) {
    const fix = 'Switch off buffering of answers in the proxy in front.'
    return fault('silent', `101, and then nothing within ${welcomeMs / 1_000} s`, fix)
  }
  if (said.kind === 'close') return closeFault(said.code, said.reason)
  if (said.kind === 'gone') return closeFault(1006, said.why)
  const { event, data } = objectIn(said.text)
  if (event !== 'connected') {
    return fault('not_switchhook', 'it says something else than Switchhook', 'Compare the path.')
  }
  return fine('ok', welcomeIn(objectIn(JSON.stringify(data)), protocol))
}

function welcomeIn({ user, app, hb }: Record<string, unknown>, protocol: string | null): string {
  const beat = typeof hb === 'number' ? `, a heartbeat every ${hb} s` : ''
  const whose = typeof app === 'string' ? `, of the app ${printable(app)}` : ''
  return `connected as ${printable(String(user))}${whose}, by ${protocol ?? 'the legacy protocol'}${beat}`
}

/** Whether what is said arrives in both directions. */
export async function answered(talk: Conversation): Promise<Finding> {
  talk.say(JSON.stringify({ type: 'ping', data: {} }))
  for (let count = 0; count < mostMessages; count++) {
    const said = await talk.next(welcomeMs)
    if (said?.kind === 'close') return closeFault(said.code, said.reason)
    if (said?.kind !== 'message') break
    if (objectIn(said.text)['event'] === 'pong') return fine('ok', 'a ping is answered')
  }
  const fix = 'Look for something in front that holds small messages back.'
  return fault('silent', 'a ping gets no answer', fix)
}
