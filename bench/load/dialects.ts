import { jwtSecret } from '../peers/token.ts'
import type { Ready } from '../peers/control.ts'
import type { FrameSink } from './frames.ts'

/** A subscriber's side of a conversation. */
export interface Voice {
  readonly token: string
  say(text: string): void
  /** From now on the server sends it every event. */
  subscribed(): void
  /** An event, whose JSON begins at `start`; the bytes are good until this returns. */
  event(bytes: Buffer, start: number): void
}

/** How a server is asked for events and sends them. */
interface Dialect {
  path(token: string): string
  /** @returns what is called with the payload of every frame */
  listen(voice: Voice): FrameSink['message']
}

export type DialectName = 'json' | 'socket.io' | 'nats'

/** A server that sends events, as the load processes know it. */
export interface Target extends Ready {
  readonly dialect: DialectName
}

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  json: { path: (token) => `/ws?token=${token}`, listen: listenJson },
  'socket.io': { path: () => '/socket.io/?EIO=4&transport=websocket', listen: listenSocketIo },
  nats: { path: () => '/', listen: listenNats },
}

const letter = (text: string): number => text.charCodeAt(0)

/** One frame, one event: a greeting, then events and frames without a number. */
function listenJson(voice: Voice): FrameSink['message'] {
  const nameAt = '{"event":"'.length
  let greeted = false
  return (bytes, start) => {
    // `call-…`, not `head`.
    if (greeted && bytes[start + nameAt] === letter('c')) voice.event(bytes, start)
    if (greeted) return
    greeted = true
    voice.subscribed()
  }
}

/** Engine.IO 4: `0` opens, `2` is a ping; Socket.IO 5 within: `40` connects, `42["call",…]` is an event. */
function listenSocketIo(voice: Voice): FrameSink['message'] {
  const prefix = '42["call",'
  const nameAt = '42["'.length
  const packets: Readonly<Record<string, () => void>> = {
    '0{': () => voice.say(`40${JSON.stringify({ token: voice.token })}`),
    '40': () => voice.subscribed(),
    '2': () => voice.say('3'),
  }
  return (bytes, start, size) => {
    if (bytes[start + 1] === letter('2') && bytes[start + nameAt] === letter('c'))
      return voice.event(bytes, start + prefix.length)
    packets[bytes.toString('latin1', start, start + Math.min(2, size))]?.()
  }
}

/** The NATS protocol: lines, and the payload of a `MSG`. A frame holds any piece of that stream. */
function listenNats(voice: Voice): FrameSink['message'] {
  const verbs: Readonly<Record<string, () => void>> = {
    INFO: () =>
      voice.say(`CONNECT {"verbose":false,"auth_token":"${jwtSecret}"}\r\nSUB calls 1\r\nPING\r\n`),
    PONG: () => voice.subscribed(),
    PING: () => voice.say('PONG\r\n'),
  }
  let rest: Buffer | null = null
  return (bytes, start, size) => {
    const piece = bytes.subarray(start, start + size)
    const all: Buffer = rest ? Buffer.concat([rest, piece]) : piece
    let at = 0
    for (;;) {
      const end = natsItem(all, at, voice)
      if (end === at) break
      if (all[at] !== letter('M')) verbs[all.toString('latin1', at, at + 4)]?.()
      at = end
    }
    rest = at < all.length ? Buffer.from(all.subarray(at)) : null
  }
}

const lineFeed = 10

/** @returns where the item at `at` ends, `at` if it is not complete; events among them are reported */
function natsItem(bytes: Buffer, at: number, voice: Voice): number {
  const line = bytes.indexOf(lineFeed, at)
  if (line < 0) return at
  if (bytes[at] !== letter('M')) return line + 1
  let size = 0
  // The last number of `MSG calls 1 448`.
  for (let digit = line - 2, unit = 1; bytes[digit]! > 32; digit -= 1, unit *= 10)
    size += (bytes[digit]! - letter('0')) * unit
  const end = line + 1 + size + 2
  if (end > bytes.length) return at
  voice.event(bytes, line + 1)
  return end
}
