import { once } from 'node:events'
import { WebSocket } from 'ws'
import { closeCodes, closeReason, subprotocol, type CloseName } from '@switchhook/shared/protocol'
import type { Socket } from 'node:net'
import type { Joiner } from '../session/resume.ts'

/** Above this a replay waits for the client. */
const highWater = 262_144
/** A client that lets nothing leave for so long does not read. */
const stallMs = 15_000

/**
 * A WebSocket as the hub writes to it. Complete frames go straight to the TCP or TLS socket: `ws` frames each
 * message per socket anew, we frame once for all. It stays right as long as permessage-deflate is off, because
 * then `ws` itself (pongs, close frames) writes whole frames synchronously too, so none are interleaved.
 */
export class Connection implements Joiner {
  readonly socket: WebSocket
  readonly #raw: Socket
  readonly #backlogBytes: number
  /** Offered `switchhook.v1`: understands heads. Others are legacy sockets (seed 001). */
  readonly modern: boolean
  /** When the client last showed a sign of life, Unix milliseconds. */
  lastSeen = Date.now()

  /** The code we closed with; a peer that is cut off never confirms it. */
  closedWith: number | null = null

  constructor(socket: WebSocket, raw: Socket, { backlogBytes }: { backlogBytes: number }) {
    this.socket = socket
    this.#raw = raw
    this.#backlogBytes = backlogBytes
    this.modern = socket.protocol === subprotocol
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  deliver(frames: Buffer): void {
    if (!this.open) return
    const waiting = this.#raw.writableLength
    if (waiting > this.#backlogBytes) this.close('slow', `slow ${waiting}`)
    else this.#raw.write(frames)
  }

  announce(frame: Buffer): void {
    if (this.modern) this.deliver(frame)
  }

  async drained(): Promise<void> {
    while (this.open && this.#raw.writableLength > highWater) {
      const before = this.#raw.writableLength
      try {
        await once(this.#raw, 'drain', { signal: AbortSignal.timeout(stallMs) })
      } catch {
        if (this.#raw.writableLength >= before) this.close('slow', `slow ${before}`)
      }
    }
  }

  /** Closes with a code of the table; `ws` cuts off a peer that does not answer within its `closeTimeout`. */
  close(name: CloseName, reason: string): void {
    if (!this.open) return
    this.closedWith = closeCodes[name].code
    this.socket.close(this.closedWith, closeReason(reason))
  }
}
