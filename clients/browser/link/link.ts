import { messageOf, readClose, type Ending } from './close.ts'
import type { ClientMessage, ControlFrame, ServerFrame } from '@switchhook/shared/protocol'
import type { Clock, HubSocket, HubSocketConstructor } from './socket.ts'

export type Greeting = ControlFrame & { event: 'connected' }

export interface LinkOptions {
  readonly WebSocket: HubSocketConstructor
  readonly clock: Clock
  readonly url: string
  readonly protocols: string[]
  /** @throws when the hub does not keep to the protocol */
  readonly onFrame: (frame: ServerFrame, link: Link) => void
  /** Called once, and never after `drop`. */
  readonly onEnd: (ending: Ending, link: Link) => void
}

/** A hub that has not greeted after this long is not going to. */
const greetingMs = 15_000
/** How long an open socket may take to prove that it still is one. */
const probeMs = 5_000
/** Between two looks at the clock; no frame sets a timer. */
const lookMs = 5_000
/** A look that comes so much too late shows that the machine slept. */
const sleepMs = 10_000

/**
 * One socket from handshake to close. A page cannot see pings, and a dead network closes nothing: silence is
 * noticed by the clock, and a socket that is given up is forgotten at once, whenever it may close.
 */
export class Link {
  readonly #options: LinkOptions
  #socket: HubSocket | null
  /** The hub's first frame, once it has come. */
  greeting: Greeting | null = null
  #patienceMs = greetingMs
  /** When the hub has been silent for too long, Unix milliseconds. */
  #deadline = Infinity
  /** The hub was asked for a sign of life. */
  #probing = false
  #nextLook = 0
  #callOff = (): void => {}

  constructor(options: LinkOptions) {
    this.#options = options
    const { WebSocket, url, protocols } = options
    const socket = new WebSocket(url, protocols)
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#receive(socket, data))
    // It says nothing that the close after it does not; `ws` throws an error that nobody listens to.
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', ({ code, reason }) => {
      if (socket === this.#socket) this.#end(readClose(code, reason))
    })
    this.#hear()
    this.#lookLater()
  }

  send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message))
  }

  /** Finds out now whether the other end is still there. */
  probe(): void {
    if (!this.greeting || this.#probing) return
    this.#probing = true
    this.#deadline = this.#options.clock.now() + probeMs
    this.send({ type: 'ping', data: {} })
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
    try {
      const frame: ServerFrame = JSON.parse(String(data))
      if (isGreeting(frame)) {
        this.greeting = frame
        // From now on a frame is expected every two heartbeats.
        if (frame.data.hb) this.#patienceMs = 2_000 * frame.data.hb
      }
      this.#hear()
      this.#options.onFrame(frame, this)
    } catch (error) {
      this.#lose(messageOf(error))
    }
  }

  #hear(): void {
    this.#probing = false
    this.#deadline = this.#options.clock.now() + this.#patienceMs
  }

  #lookLater(): void {
    const { clock } = this.#options
    const now = clock.now()
    this.#callOff()
    this.#nextLook = Math.min(now + lookMs, this.#deadline)
    this.#callOff = clock.after(this.#nextLook - now, () => this.#look())
  }

  #look(): void {
    const now = this.#options.clock.now()
    // Asleep, nobody could hear.
    if (now - this.#nextLook > sleepMs) this.#hear()
    else if (now < this.#deadline) return this.#lookLater()
    if (!this.greeting || this.#probing) return this.#lose('the hub went silent')
    this.probe()
    this.#lookLater()
  }

  #lose(why: string): void {
    this.#end({ ...readClose(1006, ''), why })
  }

  #end(ending: Ending): void {
    this.drop()
    this.#options.onEnd(ending, this)
  }
}

const isGreeting = (frame: ServerFrame): frame is Greeting => frame.event === 'connected'
