import { closeCodes } from '@switchhook/shared/protocol'
import { backoff } from './backoff.ts'
import { refuse, type Ending, type Refusal } from './close.ts'
import { Follower } from './follower.ts'
import { Link } from './link.ts'
import { systemClock, type Clock, type HubSocketConstructor } from './socket.ts'
import { sameState, type ConnectionState } from './state.ts'
import type { ControlFrame, ServerFrame } from '@switchhook/shared/protocol'
import type { Listeners } from './follower.ts'

export interface ConnectOptions extends Listeners {
  /** `wss://hub.example.com/ws/call` begins with the live calls, `…/ws` with what happens next. */
  readonly url: string | URL
  /** A function is asked before every attempt: it may fetch a fresh one. */
  readonly token: string | (() => string | Promise<string>)
  /** Where an earlier connection stopped. */
  readonly cursor?: string
  readonly onState?: (state: ConnectionState) => void
  readonly WebSocket?: HubSocketConstructor
  readonly clock?: Clock
}

type Listen = (type: 'online', listener: () => void) => void

/** Browsers say when the network is back; Node does not. */
const network: { addEventListener?: Listen; removeEventListener?: Listen } & object = globalThis
/** The hub's usual time between two heads. */
const usualHeartbeatSeconds = 20
/** A connection that was live for so long has earned a fresh start of the backoff. */
const steadyMs = 10_000

/** A client of the hub: one socket at a time, a position that outlives it, a state that never flatters. */
export class Connection {
  readonly #options: ConnectOptions
  readonly #clock: Clock
  readonly #follower: Follower
  #state: ConnectionState = { name: 'connecting' }
  #link: Link | null = null
  #callOff = (): void => {}
  /** Failures since the last steady connection. */
  #attempt = 0
  #liveAt: number | null = null
  #token = ''
  /** The last token was refused: another one gets a chance, one that is refused too does not get a successor. */
  #refusal: Refusal | null = null
  /** Counts what makes a pending token out of date. */
  #turn = 0

  constructor(options: ConnectOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#follower = new Follower(options.cursor, {
      listeners: options,
      send: (message) => this.#link?.send(message),
    })
    network.addEventListener?.('online', this.#online)
    void this.#open()
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** What to resume from, for a client that wants to continue in another page or process. */
  get cursor(): string | null {
    return this.#follower.cursor
  }

  /** Tries again now, also after a refusal. */
  reconnect(): void {
    this.#leave()
    this.#attempt = 0
    this.#refusal = null
    void this.#open()
  }

  /** Ends it for good. */
  close(): void {
    network.removeEventListener?.('online', this.#online)
    this.#leave()
    this.#become({ name: 'closed' })
  }

  /** Never rejects: what goes wrong becomes the state. */
  async #open(): Promise<void> {
    const turn = ++this.#turn
    this.#become({ name: 'connecting' })
    try {
      const { token } = this.#options
      const fresh = typeof token === 'string' ? token : await token()
      if (turn !== this.#turn) return
      if (this.#refusal && fresh === this.#token) return this.#refuse(this.#refusal)
      this.#token = fresh
    } catch (error) {
      if (turn === this.#turn) this.#retryLater({ why: `no token: ${messageOf(error)}` })
      return
    }
    this.#connect()
  }

  #connect(): void {
    try {
      this.#link = new Link({
        WebSocket: this.#options.WebSocket ?? WebSocket,
        clock: this.#clock,
        url: this.#url(),
        token: this.#token,
        onFrame: (frame) => this.#receive(frame),
        onEnd: (ending) => this.#ended(ending),
      })
    } catch (error) {
      // A token with characters that no token has, an address that is none, a page whose policy forbids it.
      this.#refuse(refuse('bad_request', messageOf(error)))
    }
  }

  #url(): string {
    const url = new URL(this.#options.url)
    const { cursor } = this.#follower
    if (cursor !== null) url.searchParams.set('cursor', cursor)
    return url.href.replace(/^http/, 'ws')
  }

  #receive(frame: ServerFrame): void {
    if (isGreeting(frame)) {
      this.#refusal = null
      this.#link?.expect(frame.data.hb ?? usualHeartbeatSeconds)
    }
    this.#follower.take(frame)
    // A listener may have closed the connection.
    if (this.#link) this.#follow()
  }

  /** Says how complete the client's knowledge is. */
  #follow(): void {
    const { complete, missing: count } = this.#follower
    if (complete) this.#liveAt ??= this.#clock.now()
    this.#become(complete ? { name: 'live' } : { name: 'catching-up', count })
  }

  #ended(ending: Ending): void {
    this.#link = null
    const held = this.#liveAt === null ? 0 : this.#clock.now() - this.#liveAt
    if (held >= steadyMs) this.#attempt = 0
    this.#liveAt = null
    const { code, after, refusal } = ending
    if (code === closeCodes.bye.code) return this.close()
    const noOtherToken = this.#refusal !== null || typeof this.#options.token === 'string'
    if (after === 'stop' || (after === 'token' && noOtherToken)) return this.#refuse(refusal)
    if (after === 'token') this.#refusal = refusal
    // At once, but only once: a hub that closes again and again is given time.
    if (after === 'retry' || this.#attempt > 0) return this.#retryLater(ending)
    this.#attempt = 1
    void this.#open()
  }

  #retryLater({ why, retryMs }: { why: string; retryMs?: number }): void {
    const inMs = backoff(this.#attempt, this.#clock.random(), retryMs)
    this.#attempt += 1
    this.#callOff = this.#clock.after(inMs, () => void this.#open())
    this.#become({ name: 'reconnecting', inMs, why })
  }

  #refuse(refusal: Refusal): void {
    this.#become({ name: 'refused', ...refusal })
  }

  #become(state: ConnectionState): void {
    if (sameState(this.#state, state)) return
    this.#state = state
    this.#options.onState?.(state)
  }

  /** The network came back: no reason to wait, and none to trust a socket that was open before. */
  readonly #online = (): void => {
    const { name } = this.#state
    if (name === 'reconnecting') {
      this.#leave()
      void this.#open()
    } else if (name === 'live' || name === 'catching-up') this.#link?.probe()
  }

  #leave(): void {
    this.#turn += 1
    this.#callOff()
    this.#link?.drop()
    this.#link = null
    this.#liveAt = null
  }
}

const isGreeting = (frame: ServerFrame): frame is ControlFrame & { event: 'connected' } =>
  frame.event === 'connected'

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
