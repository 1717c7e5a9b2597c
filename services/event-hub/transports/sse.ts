import { closeCodes, type CloseName } from '@switchhook/shared/protocol'
import { eventStreamForm, type Form } from '../feed/forms.ts'
import { drained } from './drained.ts'
import { Stall } from './stall.ts'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Wire } from '../session/door.ts'

interface StreamLimits {
  /** A client that lets nothing leave for so long does not read. */
  readonly stallSeconds: number
  /** Nothing more is given to a client that lets this much wait, bytes. */
  readonly backlogBytes: number
  /** About how long a stream lasts, seconds. */
  readonly rotationSeconds: number
}

interface StreamOptions {
  readonly response: ServerResponse
  /** What the answer carries besides: the marks of CORS. */
  readonly headers: OutgoingHttpHeaders
  /** Of the journal. */
  readonly epoch: string
  readonly limits: StreamLimits
}

/** How long a client waits before it comes back, ms, unless it is told otherwise. */
const retryMs = 2_000
/** A client that has not taken the end by then is cut off. */
const closeMs = 3_000
/** Streams last as long as they should, give or take that share: they never all come back at once. */
const spread = 0.2

/**
 * An event stream as the hub writes to it (HTML standard §9.2). The body ends with the connection: without chunks a
 * write is the bytes that all clients of a view share, and nothing else.
 */
export class EventStream implements Wire {
  readonly form: Form
  readonly oneWay = true
  readonly rotateAt: number
  /** The code of what ended it here; a stream has no codes, its metrics have. */
  closedWith: number | null = null
  readonly #response: ServerResponse
  readonly #limits: StreamLimits
  #stall: Stall | null = null

  constructor({ response, headers, epoch, limits }: StreamOptions) {
    this.#response = response
    this.#limits = limits
    this.form = eventStreamForm(epoch)
    const share = 1 + spread * (2 * Math.random() - 1)
    this.rotateAt = Date.now() + limits.rotationSeconds * 1_000 * share
    response.socket?.setTimeout(0)
    response.socket?.setNoDelay(true)
    // Errors of a peer that is gone end in `close` as well.
    response.on('error', () => {})
    response.removeHeader('transfer-encoding')
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Or nginx gathers events until it has a buffer full.
      'x-accel-buffering': 'no',
      connection: 'close',
    })
    response.write(`retry: ${retryMs}\n\n`)
  }

  get open(): boolean {
    const { writableEnded, destroyed } = this.#response
    return !writableEnded && !destroyed
  }

  get waiting(): number {
    return this.#response.writableLength
  }

  /** A stream's client never says anything: it is alive until a write fails. */
  get lastSeen(): number {
    return Date.now()
  }

  /** Writes frames, or gives the client up when too much waits for it. */
  write(frames: Buffer): void {
    if (!this.open) return
    const { waiting } = this
    if (waiting > this.#limits.backlogBytes) this.close('slow', `slow ${waiting}`)
    else if (frames.length > 0) this.#response.write(frames)
  }

  async drained(bytes: number): Promise<void> {
    const { socket } = this.#response
    if (socket && this.waiting > bytes) await drained(socket, () => this.open)
  }

  stalled(now: number): boolean {
    const { socket } = this.#response
    if (!socket || (this.waiting === 0 && !this.#stall)) return false
    this.#stall ??= new Stall(socket, this.#limits.stallSeconds)
    return this.#stall.check(now)
  }

  whenClosed(): Promise<void> {
    if (this.#response.closed) return Promise.resolve()
    return new Promise((resolve) => this.#response.once('close', () => resolve()))
  }

  /** Ends the stream; of `restart <ms>` the client is told when to come back. */
  close(name: CloseName, reason: string): void {
    if (!this.open) return
    this.closedWith = closeCodes[name].code
    // Who does not read would not read the end either.
    if (name === 'slow') return void this.#response.destroy()
    const waitMs = /^restart (\d+)$/.exec(reason)?.[1]
    this.#response.end(waitMs === undefined ? '' : `retry: ${waitMs}\n\n`)
    const timer = setTimeout(() => this.#response.destroy(), closeMs)
    this.#response.once('close', () => clearTimeout(timer))
  }
}
