import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { packetOf, type Captured } from './hep.ts'

/** What became of a message on its way to the collector. */
export type Outcome = 'sent' | 'failed' | 'too_large'

interface Parts {
  /** `udp:homer.internal:9060` */
  readonly url: string
  readonly onOutcome: (outcome: Outcome) => void
  /** Why nothing can be sent; told once until something can. */
  readonly onFailure: (error: Error) => void
}

/** After a failure the name is looked up again, so often at most; what comes meanwhile is counted and gone. */
const againMs = 1_000
/** Packets that the system has not taken yet; one more is counted and gone. */
const maxPending = 1_000
const anywhere = { address: '0.0.0.0', port: 0 }

/** Shows messages to a collector such as Homer, as HEP3 over UDP. Nobody waits for it, and nothing fails with it. */
export class Collector {
  readonly #parts: Parts
  readonly #host: string
  readonly #port: number
  #socket: Socket | null = null
  #opening: Promise<void> | null = null
  #openedAt = -Infinity
  #pending = 0
  #isFailing = false
  #isClosed = false

  constructor(parts: Parts) {
    const { host, port } = collectorIn(parts.url)
    this.#parts = parts
    this.#host = host
    this.#port = port
  }

  /** Resolves when it is known whether there is such a name; never rejects. */
  open(): Promise<void> {
    this.#openedAt = performance.now()
    this.#opening ??= this.#connect()
      .catch((error: Error) => this.#fail(error))
      .finally(() => (this.#opening = null))
    return this.#opening
  }

  send(captured: Captured): void {
    const packet = packetOf({
      ...captured,
      from: captured.from.address === '' ? anywhere : captured.from,
      to: captured.to.address === '' ? anywhere : captured.to,
    })
    if (!packet) return this.#parts.onOutcome('too_large')
    const socket = this.#socket
    if (!socket || this.#pending >= maxPending) {
      this.#parts.onOutcome('failed')
      if (!socket && performance.now() - this.#openedAt > againMs) void this.open()
      return
    }
    this.#pending += 1
    socket.send(packet, (error) => {
      this.#pending -= 1
      this.#parts.onOutcome(error ? 'failed' : 'sent')
      if (error) this.#fail(error, socket)
      else this.#isFailing = false
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#opening
    this.#socket?.close()
    this.#socket = null
  }

  async #connect(): Promise<void> {
    const { address, family } = await lookup(this.#host)
    if (this.#isClosed) return
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    const connected = Promise.withResolvers<void>()
    // Also what the other side's machine answers to a packet of before: that nobody listens there.
    socket.on('error', (error) => {
      connected.reject(error)
      this.#fail(error, socket)
    })
    socket.connect(this.#port, address, () => connected.resolve())
    await connected.promise
    this.#socket = socket
  }

  #fail(error: Error, socket: Socket | null = null): void {
    if (!this.#isFailing) this.#parts.onFailure(error)
    this.#isFailing = true
    if (socket && socket === this.#socket) {
      this.#socket = null
      socket.close()
    }
  }
}

/** What `HEP_URL` looks like. */
export const collectorPattern = '^udp:(?://)?(?:\\[[0-9A-Fa-f:.]+\\]|[^:/\\[\\]\\s]+):\\d{1,5}$'

/** The place that `udp:homer.internal:9060` names. */
function collectorIn(url: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^udp:(?:\/\/)?\[?(.+?)\]?:(\d+)$/.exec(url) ?? []
  return { host, port: Number(port) }
}
