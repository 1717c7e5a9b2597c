import { bearerPrefix, subprotocol } from '@switchhook/shared/protocol'
import { readClose, refuse, type Ending } from './close.ts'
import type { ClientMessage, ServerFrame } from '@switchhook/shared/protocol'
import type { Clock, HubSocket, HubSocketConstructor } from './socket.ts'

export interface LinkOptions {
  readonly WebSocket: HubSocketConstructor
  readonly clock: Clock
  readonly url: string
  readonly token: string
  /** @throws when the hub does not keep to the protocol */
  readonly onFrame: (frame: ServerFrame) => void
  /** Called once, and never after `drop`. */
  readonly onEnd: (ending: Ending) => void
}

/** A hub that has not greeted after this long is not going to. */
const greetingMs = 15_000
/** After the network changed: how long an open socket may take to prove that it still is one. */
const probeMs = 5_000

/**
 * One socket from handshake to close. A page cannot see pings, and a dead network closes nothing: silence is
 * noticed by the clock, and a socket that is given up is forgotten at once, whenever it may close.
 */
export class Link {
  readonly #options: LinkOptions
  #socket: HubSocket | null = null
  #callOff = (): void => {}
  #patienceMs = greetingMs

  constructor(options: LinkOptions) {
    this.#options = options
    const { WebSocket, url, token } = options
    const socket = new WebSocket(url, [subprotocol, bearerPrefix + token])
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#receive(socket, data))
    // It says nothing that the close after it does not; `ws` throws an error that nobody listens to.
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', ({ code, reason }) => {
      if (socket === this.#socket) this.#end(readClose(code, reason))
    })
    this.#watch(greetingMs)
  }

  /** Expects a frame every two heartbeats from now on. */
  expect(heartbeatSeconds: number): void {
    this.#patienceMs = 2 * heartbeatSeconds * 1_000 + 5_000
    this.#watch(this.#patienceMs)
  }

  send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message))
  }

  /** Finds out now whether the other end is still there. */
  probe(): void {
    this.send({ type: 'ping', data: {} })
    this.#watch(probeMs)
  }

  /** Leaves without a word to the owner. */
  drop(): void {
    const socket = this.#socket
    this.#socket = null
    this.#callOff()
    socket?.close(1000, 'bye')
  }

  #receive(socket: HubSocket, data: unknown): void {
    if (socket !== this.#socket) return
    this.#watch(this.#patienceMs)
    try {
      const frame: ServerFrame = JSON.parse(String(data))
      this.#options.onFrame(frame)
    } catch (error) {
      this.#lose(error instanceof Error ? error.message : String(error))
    }
  }

  #watch(ms: number): void {
    this.#callOff()
    this.#callOff = this.#options.clock.after(ms, () => this.#lose('the hub went silent'))
  }

  #lose(why: string): void {
    this.#end({ code: 1006, after: 'retry', why, refusal: refuse('') })
  }

  #end(ending: Ending): void {
    this.drop()
    this.#options.onEnd(ending)
  }
}
