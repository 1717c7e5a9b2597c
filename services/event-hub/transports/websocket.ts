import { WebSocket } from 'ws'
import { closeCodes, closeReason, subprotocol, type CloseName } from '@switchhook/shared/protocol'
import type { Socket } from 'node:net'
import { legacyForm, modernForm, type Form } from '../feed/forms.ts'
import { drained } from './drained.ts'
import { Stall } from './stall.ts'
import type { Wire } from '../session/door.ts'

interface ConnectionLimits {
  /** A client that lets nothing leave for so long does not read. */
  readonly stallSeconds: number
  /** Nothing more is given to a client that lets this much wait, bytes. */
  readonly backlogBytes: number
}

/**
 * A WebSocket as the hub writes to it. Complete frames go straight to the TCP or TLS socket: `ws` frames each
 * message per socket anew, we frame once for all. It stays right as long as permessage-deflate is off, because
 * then `ws` itself (pongs, close frames) writes whole frames synchronously too, so none are interleaved.
 */
export class Connection implements Wire {
  readonly socket: WebSocket
  readonly #raw: Socket
  readonly #limits: ConnectionLimits
  #stall: Stall | null = null
  /** Offered `switchhook.v1`: understands heads. Others are legacy sockets (seed 001). */
  readonly form: Form
  readonly oneWay = false
  readonly rotateAt = Infinity
  /** When the client last showed a sign of life, Unix milliseconds. */
  lastSeen = Date.now()

  /** The code we closed with; a peer that is cut off never confirms it. */
  closedWith: number | null = null

  constructor(socket: WebSocket, raw: Socket, limits: ConnectionLimits) {
    this.socket = socket
    this.#raw = raw
    this.#limits = limits
    this.form = socket.protocol === subprotocol ? modernForm : legacyForm
  }

  get open(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  /** Bytes that the client has not taken yet. */
  get waiting(): number {
    return this.#raw.writableLength
  }

  /** Writes frames, or gives the client up when too much waits for it. */
  write(frames: Buffer): void {
    if (!this.open) return
    const { waiting } = this
    if (waiting > this.#limits.backlogBytes) this.close('slow', `slow ${waiting}`)
    else this.#raw.write(frames)
  }

  /**
   * Resolves at once if no more than so many bytes wait, else when all of them have left, or the socket is closed: at
   * the latest for not reading.
   */
  async drained(bytes: number): Promise<void> {
    if (this.waiting <= bytes) return
    await drained(this.#raw, () => this.open)
  }

  stalled(now: number): boolean {
    if (this.waiting === 0 && !this.#stall) return false
    this.#stall ??= new Stall(this.#raw, this.#limits.stallSeconds)
    return this.#stall.check(now)
  }

  whenClosed(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return Promise.resolve()
    return new Promise((resolve) => this.socket.once('close', () => resolve()))
  }

  /** Closes with a code of the table; `ws` cuts off a peer that does not answer within its `closeTimeout`. */
  close(name: CloseName, reason: string): void {
    if (!this.open) return
    this.closedWith = closeCodes[name].code
    this.socket.close(this.closedWith, closeReason(reason))
  }
}
