import { Failure } from '../exit-codes.ts'
import type { EventFrame } from '@switchhook/shared/events'

/**
 * A WebSocket client without any cleverness: it keeps every sequenced frame exactly as it came, so that what is
 * proven is the hub's doing and not a client's repair.
 */
export class Witness {
  readonly frames: EventFrame[] = []
  readonly #socket: WebSocket
  readonly #onEvent: (frame: EventFrame) => void
  #changed = Promise.withResolvers<void>()
  #greeted = false
  #pongs = 0
  #lost: Failure | null = null

  constructor(url: URL, onEvent: (frame: EventFrame) => void) {
    this.#onEvent = onEvent
    this.#socket = new WebSocket(url)
    this.#socket.addEventListener('message', ({ data }) => this.#take(String(data)))
    this.#socket.addEventListener('close', ({ code, reason }) => {
      this.#lost = new Failure(`The WebSocket was closed: ${code} ${reason}`.trim())
      this.#changed.resolve()
    })
  }

  /** Resolves when the hub has greeted. */
  async connected(deadline: AbortSignal): Promise<void> {
    await this.#until(() => this.#greeted, deadline, 'The hub did not greet the WebSocket client')
  }

  /** Resolves when this many events have come and, after them, the answer to a ping: what was on its way is here. */
  async received(count: number, deadline: AbortSignal): Promise<void> {
    const enough = (): boolean => this.frames.length >= count
    await this.#until(enough, deadline, () => `Only ${this.frames.length} of ${count} events came`)
    this.#socket.send('{"type":"ping","data":{}}')
    await this.#until(() => this.#pongs > 0, deadline, 'The hub did not answer a ping')
  }

  close(): void {
    this.#socket.close(1000, 'bye')
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as EventFrame | { event: string; seq?: undefined }
    if (frame.seq !== undefined) {
      this.frames.push(frame)
      this.#onEvent(frame)
    }
    this.#greeted ||= frame.event === 'connected'
    if (frame.event === 'pong') this.#pongs += 1
    this.#changed.resolve()
  }

  async #until(
    holds: () => boolean,
    deadline: AbortSignal,
    complaint: string | (() => string),
  ): Promise<void> {
    const late = Promise.withResolvers<void>()
    deadline.addEventListener('abort', () => late.resolve())
    while (!holds()) {
      if (this.#lost) throw this.#lost
      if (deadline.aborted) {
        throw new Failure(`${typeof complaint === 'string' ? complaint : complaint()} in time.`)
      }
      this.#changed = Promise.withResolvers<void>()
      await Promise.race([this.#changed.promise, late.promise])
    }
  }
}
