import { connectTo } from '../../egress/index.ts'
import { upgrade, type Upgraded } from '../../upgrade/index.ts'
import { converse } from '../conversation.ts'
import { faultIn, type Finding } from '../finding.ts'
import { printable } from '../printable.ts'
import { look } from '../tls/look.ts'
import { placeOf, type Waiting } from '../tls/place.ts'
import { askOptions, type SipAnswer } from './options.ts'
import type { Candidate } from './candidates.ts'
import type { Duplex } from 'node:stream'

/** What came of trying one. */
export interface Attempt extends Candidate {
  /** What kept it from being asked; null if it answered. */
  readonly fault: Finding | null
  /** Of its answer; 0 if there was none. */
  readonly status: number
  readonly reason: string
  /** Whether it opened a WebSocket and chose `sip`. */
  readonly works: boolean
  /** Its HTTP header Server. */
  readonly server: string | null
  readonly location: string | null
  readonly sip: SipAnswer | null
}

/** Of the name and connection, of TLS, and of the handshake each. */
const stepMs = 2_500

/** Tries one, believing any certificate, since nothing secret is said. */
export async function attempt(
  candidate: Candidate,
  servername: string | undefined,
  signal: AbortSignal,
): Promise<Attempt> {
  const { url } = candidate
  const waiting = { timeoutMs: stepMs, signal }
  try {
    const socket = await opened(url, servername, waiting)
    if ('code' in socket) return { ...candidate, ...nothing, fault: socket }
    const answer = await upgrade(socket, {
      ...waiting,
      host: url.host,
      path: url.pathname + url.search,
      protocols: candidate.offers ? ['sip'] : [],
      headers: { 'User-Agent': 'switchhook-doctor' },
    })
    return { ...candidate, fault: null, ...(await heard(socket, answer, url)) }
  } catch (error) {
    return { ...candidate, ...nothing, fault: faultIn(error) }
  }
}

const nothing = { status: 0, reason: '', works: false, server: null, location: null, sip: null }

async function opened(
  url: URL,
  servername: string | undefined,
  waiting: Waiting,
): Promise<Duplex | Finding> {
  const place = placeOf(url, servername)
  if (url.protocol === 'ws:') return connectTo({ ...place, allowPrivate: true }, waiting)
  const seen = await look(place, waiting)
  return 'socket' in seen ? seen.socket : seen
}

async function heard(
  socket: Duplex,
  answer: Upgraded,
  url: URL,
): Promise<Omit<Attempt, keyof Candidate | 'fault'>> {
  const { status, reason, headers, protocol } = answer
  const talk = converse(socket, status === 101 ? answer.head : Buffer.alloc(0))
  try {
    return {
      status,
      reason: printable(reason),
      works: protocol === 'sip',
      server: printable(headers.get('server') ?? '') || null,
      location: printable(headers.get('location') ?? '') || null,
      sip: protocol === 'sip' ? await askOptions(talk, url) : null,
    }
  } finally {
    talk.end()
  }
}
