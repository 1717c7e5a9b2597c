import { bearerPrefix, subprotocol } from '@switchhook/shared/protocol'
import { backoff } from './link/backoff.ts'
import { diagnose } from './link/check.ts'
import { isOrigin, messageOf, refuse, type Ending, type Refusal } from './link/close.ts'
import { Link } from './link/link.ts'
import { onWake } from './link/wake.ts'
import type { ClientMessage, ServerFrame } from '@switchhook/shared/protocol'
import type { Credentials } from './link/credential.ts'
import type { Clock, HubSocketConstructor } from './link/socket.ts'
import type { ConnectionState } from './state.ts'

/** What a line tells its owner, and asks of it. */
export interface LineOptions {
  readonly credentials: Credentials
  readonly clock: Clock
  readonly WebSocket: HubSocketConstructor | undefined
  /** The address of a new socket, cursor and channels included. */
  url(): URL
  /**
   * Takes a frame; `early`: of a socket that is about to take over. @returns how complete the knowledge is
   * @throws when the frame makes no sense
   */
  take(frame: ServerFrame, early: boolean): ConnectionState
  /** Nothing is kept of what the hub said so far: only a snapshot helps. */
  forget(): void
  become(state: ConnectionState): void
}

/** A connection that was live for so long has earned a fresh start of the backoff. */
const steadyMs = 10_000
/** The hub asks for less; one that asks for more is not believed. */
const maxSlotMs = 60_000
/** So many attempts in a row without a greeting, and the hub is asked over HTTP what is wrong. */
const askAfter = 3
/** The close codes that mean more here than what to do next. */
const [bye, lost, resyncRequired] = [1000, 1006, 4500]

/** Frames after which a socket that is about to take over has taken over. */
const takesOver = new Set(['resumed', 'resync', 'snapshot'])

/** Keeps a socket open: tries again with patience, and changes over to another hub without a break. */
export class Line {
  readonly #options: LineOptions
  #link: Link | null = null
  /** Takes over from the link once it has caught up; null but while a hub drains. */
  #successor: Link | null = null
  #callOff = (): void => {}
  #stopWaking = (): void => {}
  /** Failures since the last steady connection. */
  #attempt = 0
  /** Attempts in a row that the hub did not greet. */
  #ungreeted = 0
  #liveAt = Infinity
  /** An attempt is planned, and the hub did not say when: it may as well be made now. */
  #mayHurry = false
  #token = ''
  /** The last token was refused: another one gets a chance, one that is refused too does not get a successor. */
  #refused = false
  /** Counts what makes a pending answer out of date. */
  #turn = 0

  constructor(options: LineOptions) {
    this.#options = options
  }

  /** Whether what is said now has time to be answered. */
  get steady(): boolean {
    return !!this.#link?.greeting && !this.#successor
  }

  send(message: ClientMessage): void {
    this.#link?.send(message)
  }

  /** Tries now, also after a refusal. */
  restart(): void {
    this.#stopWaking()
    this.#stopWaking = onWake(() => this.#wake())
    this.#attempt = 0
    this.#refused = false
    this.#again()
  }

  /** Ends it for good. */
  close(): void {
    this.#stopWaking()
    this.#leave()
    this.#options.become({ name: 'closed' })
  }

  /** Never rejects: what goes wrong becomes the state. */
  async #open(): Promise<void> {
    const turn = this.#turn
    this.#options.become({ name: 'connecting' })
    try {
      const token = await this.#options.credentials.obtain()
      if (turn !== this.#turn) return
      this.#token = token
    } catch (error) {
      if (turn === this.#turn) this.#retryLater(`no token: ${messageOf(error)}`)
      return
    }
    try {
      this.#link = this.#dial()
    } catch (error) {
      // A token with characters that no token has, an address that is none, a page whose policy forbids it.
      this.#refuse(refuse('bad_request', messageOf(error)))
    }
  }

  #dial(): Link {
    const { clock, credentials, WebSocket: Socket = WebSocket } = this.#options
    const url = this.#options.url()
    const protocols = [subprotocol]
    if (credentials.isTicket) url.searchParams.set('ticket', this.#token)
    else if (this.#token) protocols.push(bearerPrefix + this.#token)
    return new Link({
      WebSocket: Socket,
      clock,
      url: url.href,
      protocols,
      onFrame: (frame, link) => this.#receive(frame, link),
      onEnd: (ending, link) => this.#ended(ending, link),
    })
  }

  #receive(frame: ServerFrame, link: Link): void {
    if (link === this.#successor && takesOver.has(frame.event)) this.#succeed()
    const early = link === this.#successor
    if (frame.event === 'connected') {
      this.#refused = false
      this.#ungreeted = 0
    }
    let state: ConnectionState
    try {
      state = this.#options.take(frame, early)
    } catch (error) {
      if (!early) this.#options.forget()
      throw error
    }
    // A listener may have closed the connection.
    if (link !== this.#link) return
    if (state.name === 'live') this.#liveAt = Math.min(this.#liveAt, this.#options.clock.now())
    this.#options.become(state)
    if (!('seq' in frame) && frame.event === 'drain') this.#drain(frame.data.slotMs)
  }

  /** The hub is going away: at a moment of its own, so that not all come at once, the client is elsewhere. */
  #drain(slotMs: number): void {
    if (this.#successor) return
    const { clock } = this.#options
    this.#callOff()
    this.#callOff = clock.after(
      clock.random() * Math.min(slotMs, maxSlotMs),
      () => void this.#changeOver(),
    )
  }

  /** Opens the next socket while the old one goes on; if that fails, the old one's end is like any other. */
  async #changeOver(): Promise<void> {
    const turn = this.#turn
    try {
      const token = await this.#options.credentials.obtain()
      if (turn !== this.#turn) return
      this.#token = token
      this.#successor = this.#dial()
    } catch {
      // No token now: the usual way asks again.
    }
  }

  #succeed(): void {
    this.#link?.drop()
    this.#link = this.#successor
    this.#successor = null
  }

  #ended(ending: Ending, link: Link): void {
    if (link === this.#successor) return void (this.#successor = null)
    const { code, refusal } = ending
    if (this.#options.clock.now() - this.#liveAt >= steadyMs) this.#attempt = 0
    this.#leave()
    if (code === resyncRequired) this.#options.forget()
    if (code === bye) this.close()
    else if (code === lost && !link.greeting && ++this.#ungreeted % askAfter === 0)
      void this.#consult(ending.why)
    else if (isOrigin(refusal.code)) void this.#consult('', refusal)
    else this.#decide(ending)
  }

  #decide({ after, refusal, why, retryMs }: Ending): void {
    const isLast = this.#refused || !this.#options.credentials.renewable
    if (after === 'stop' || (after === 'token' && isLast)) return this.#refuse(refusal)
    this.#refused = after === 'token'
    // At once, but only once: a hub that closes again and again is given time.
    if (after === 'retry' || this.#attempt++ > 0) this.#retryLater(why, retryMs)
    else void this.#open()
  }

  /** A page cannot see why a handshake fails, or what would help; it can read what the hub says of it over HTTP. */
  async #consult(why: string, known?: Refusal): Promise<void> {
    const turn = this.#turn
    this.#options.become({ name: 'connecting' })
    const token = this.#options.credentials.isTicket ? '' : this.#token
    const told = await diagnose(this.#options.url(), token)
    if (turn !== this.#turn) return
    // The origin of a fetch may be another one: windows of files say `null` there, and `file://` on a socket.
    const other = known && told?.refusal?.detail !== known.detail
    const refusal = other ? known : told?.refusal
    if (refusal) this.#refuse(refusal)
    else this.#retryLater(told?.message ?? why)
  }

  #retryLater(why: string, retryMs = 0): void {
    const { clock, become } = this.#options
    const inMs = backoff(this.#attempt++, clock.random(), retryMs)
    this.#mayHurry = !retryMs
    this.#callOff = clock.after(inMs, () => this.#again())
    become({ name: 'reconnecting', inMs, why })
  }

  #refuse(refusal: Refusal): void {
    this.#options.become({ name: 'refused', ...refusal })
  }

  /** No reason to wait, unless the hub gave one, and none to trust a socket that was open before. */
  #wake(): void {
    if (this.#mayHurry) this.#again()
    else this.#link?.probe()
  }

  #again(): void {
    this.#leave()
    void this.#open()
  }

  #leave(): void {
    this.#turn += 1
    this.#mayHurry = false
    this.#callOff()
    this.#link?.drop()
    this.#successor?.drop()
    this.#link = this.#successor = null
    this.#liveAt = Infinity
  }
}
