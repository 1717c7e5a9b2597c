import { CodedError } from '@switchhook/shared/errors'
import {
  formatCursor,
  type CloseName,
  type ControlFrames,
  type ControlName,
} from '@switchhook/shared/protocol'
import { Manners } from './manners.ts'
import { greeting } from './greeting.ts'
import { handle, parseMessage } from '../requests/index.ts'
import { begin, replay, resume, resync, type Joiner, type Outcome, type Step } from './resume.ts'
import { defaultChannels, scopeOf } from '../channels.ts'
import { sort } from '../requests/subscribe.ts'
import { headOf } from '../feed/forms.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { Feed } from '../feed/index.ts'
import type { View } from '../feed/view.ts'
import type { Asker, RequestId, Subscription } from '../requests/contract.ts'
import type { Client, Door, Wire } from './door.ts'

export interface SessionOptions {
  readonly door: Door
  readonly connection: Wire
  readonly principal: Principal
  readonly clientId: string
  readonly feed: Feed
}

/** What a client asked for when it connected. */
export interface Hello {
  readonly cursor: string | undefined
  readonly snapshot: boolean
  /** Channels by name; null: what the role is subscribed to by default. */
  readonly asked: readonly string[] | null
}

/** How a client is brought in step with its view. */
type Entry = (step: Step) => Promise<Outcome> | Outcome

let sessions = 0
/** Requests of a client that wait for each other. */
const maxWaiting = 16

/** One client from `connected` to its close. */
export class Session implements Joiner, Asker, Client {
  readonly connection: Wire
  readonly clientId: string
  readonly feed: Feed
  readonly door: Door
  principal: Principal
  subscription: Subscription
  #view: View | null = null
  #undo: (() => void) | null = null
  /** The last event the client was given, or may count as having seen. */
  #position: number
  /** Frames of the view are the client's; otherwise it is on its way into it. */
  #live = false
  /** The last entry, done or not. */
  #entered: Promise<void> | null = null
  /** A change of the view waits for its turn. */
  #changed = false
  /** The last request that takes its turn, done or not, and how many wait. */
  #turn: Promise<void> | null = null
  #waiting = 0
  readonly #manners: Manners
  /** The end of the token that the client was warned of. */
  warnedOf: number | null = null
  /** Which of the heartbeats of a round is this client's. */
  readonly slot = (sessions += 1)

  constructor({ door, connection, principal, clientId, feed }: SessionOptions) {
    this.door = door
    this.connection = connection
    this.principal = principal
    this.clientId = clientId
    this.feed = feed
    this.subscription = { channels: [], events: null, everyEvent: !connection.form.modern }
    this.#position = feed.position
    this.#manners = new Manners(door.limits)
  }

  get open(): boolean {
    return this.connection.open
  }

  get modern(): boolean {
    return this.connection.form.modern
  }

  /** What it watches; null: nothing. */
  get view(): View | null {
    return this.#view
  }

  /** `<epoch>:<seq>` of the hub, which may be ahead of the client. */
  get head(): string {
    return formatCursor({ epoch: this.feed.epoch, seq: this.feed.position })
  }

  /** Greets the client and brings it in step with its view. */
  async start({ cursor, snapshot, asked }: Hello): Promise<void> {
    const { clientId, principal, modern, feed, door } = this
    this.send('connected', greeting({ clientId, principal, modern, feed, ...door }))
    this.subscription = { ...this.subscription, channels: this.#firstChannels(asked) }
    const { position } = feed
    // What comes before it is in its view was not there yet when it was told where the hub is.
    const entry = (step: Step) => (snapshot ? begin(step, 0) : this.#onwards(step, position))
    await this.inTurn(() => this.enter(cursor === undefined ? entry : this.#from(cursor)))
  }

  /** Takes up another subscription. */
  async subscribe(
    subscription: Subscription,
    how: 'snapshot' | 'follow' | { cursor: string },
  ): Promise<void> {
    this.subscription = subscription
    if (how === 'snapshot') await this.enter(begin)
    else if (how === 'follow') await this.enter((step) => this.#onwards(step))
    else await this.enter(this.#from(how.cursor))
  }

  /** Leaves the live events and comes back by cursor or, without one, by snapshot. */
  async rejoin(cursor?: string): Promise<void> {
    await this.enter(cursor === undefined ? begin : this.#from(cursor))
  }

  /** Requests that change what the client sees come one after the other. @throws CodedError `conflict` beyond 16 */
  async inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#waiting >= maxWaiting) throw new CodedError('conflict')
    this.#waiting += 1
    const turn = (this.#turn ?? Promise.resolve()).then(work)
    this.#turn = turn.catch(() => {}).finally(() => (this.#waiting -= 1))
    await turn
  }

  /** Handles one message; what is wrong with it is answered, the socket stays. */
  async receive(raw: Buffer, isBinary: boolean): Promise<void> {
    let id: string | number | undefined
    try {
      const message = parseMessage(raw, isBinary)
      id = message.id
      const waitMs = this.#manners.waitFor(message.type)
      if (waitMs > 0) return this.#slowDown(waitMs, id)
      await handle(this, message)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#complain(error, id)
    }
  }

  send<Name extends ControlName>(event: Name, data: ControlFrames[Name], id?: RequestId): void {
    this.connection.write(this.connection.form.control(event, data, id))
  }

  close(name: CloseName, reason: string): void {
    this.connection.close(name, reason)
  }

  /** Frames of the view, shared with others. */
  deliver(frames: Buffer, upTo: number): void {
    if (!this.#live) return
    const { waiting } = this.connection
    if (waiting > 0 && waiting + frames.length > this.door.limits.slowBytes)
      return this.#fallBehind()
    this.connection.write(frames)
    if (upTo > this.#position) this.#position = upTo
  }

  write(frames: Buffer, position?: number): void {
    this.connection.write(frames)
    if (position !== undefined) this.#position = position
  }

  drained(): Promise<void> {
    return this.connection.drained(this.door.limits.slowBytes / 2)
  }

  /** With the head in it only for a client that nothing is on its way to. */
  beat(): void {
    const { form } = this.connection
    const { position } = this.feed
    if (!this.modern || !this.#live || this.#view?.pending) return this.connection.write(form.ping)
    this.connection.write(this.#view?.beat(position) ?? headOf(form, position))
    this.#position = position
  }

  viewChanged(): void {
    if (this.#changed) return
    this.#changed = true
    const begun = this.enter((step) => {
      this.#changed = false
      return resync(step, 'view_changed')
    })
    begun
      .catch((error: unknown) => this.#failed(error))
      // Whoever watches nothing by then has begun nothing.
      .finally(() => (this.#changed = false))
  }

  /** A renewed credential: what its user may see may be something else. */
  async renew(principal: Principal): Promise<void> {
    const before = JSON.stringify(scopeOf(this.principal))
    this.principal = principal
    if (JSON.stringify(scopeOf(principal)) === before) return
    const { channels, denied } = sort(this.subscription.channels, principal)
    const lostAll = channels.length === 0 && denied.length > 0
    const left = lostAll ? defaultChannels(principal) : channels
    this.subscription = { ...this.subscription, channels: left }
    if (denied.length > 0) {
      this.send('subscribed', { channels: [...left], denied, head: this.head })
    }
    await this.enter((step) => resync(step, 'view_changed'))
  }

  /** Leaves the view; the socket is gone or going. */
  end(): void {
    this.#leave()
    this.#undo?.()
    this.#undo = null
  }

  /** What is to be undone when the client goes, or at once if it is gone. */
  onEnd(undo: () => void): void {
    if (this.open) this.#undo = undo
    else undo()
  }

  /** Brings the client in step with what it is subscribed to then, after what is under way. */
  async enter(entry: Entry): Promise<void> {
    const entered = (this.#entered ?? Promise.resolve()).then(() => this.#enter(entry))
    this.#entered = entered.catch(() => {})
    await entered
  }

  async #enter(entry: Entry): Promise<void> {
    if (!this.open) return
    this.#leave()
    const view = this.#openView()
    if (view) {
      const outcome = await entry({ feed: this.feed, view, joiner: this })
      this.door.metrics.joined(outcome)
    } else if (this.modern) {
      // Who watches nothing has everything at any time.
      this.connection.write(headOf(this.connection.form, this.feed.position))
    }
    this.#live = this.open
  }

  /** Continues where the client is, without a word about it. */
  async #onwards(step: Step, from = this.#position): Promise<Outcome> {
    const gone = await replay(step, from)
    return gone ? resync(step, gone.missing, gone.oldest) : 'followed'
  }

  #firstChannels(asked: Hello['asked']): readonly string[] {
    if (asked === null) return defaultChannels(this.principal)
    const { channels, denied } = sort(asked, this.principal)
    const most = channels.slice(0, this.door.limits.subscriptions)
    if (asked.length > 0) {
      const refused = denied.length > 0 && { denied: [...denied] }
      this.send('subscribed', { channels: most, ...refused, head: this.head })
    }
    return most
  }

  #from(cursor: string): Entry {
    const maxEvents = this.door.limits.replayEvents
    return (step) => resume(step, cursor, { maxEvents })
  }

  #openView(): View | null {
    const { channels, events } = this.subscription
    if (channels.length === 0) return null
    const scope = scopeOf(this.principal)
    this.#view = this.feed.open({ scope, channels, events, form: this.connection.form })
    return this.#view
  }

  #leave(): void {
    const wasLive = this.#live
    this.#live = false
    const view = this.#view
    // Who watches nothing misses nothing; who is in step has everything, also what was not for its view.
    if (!view || (wasLive && !view.pending)) this.#position = this.feed.position
    if (!view) return
    this.#view = null
    view.leave(this)
    this.feed.close(view)
  }

  /** What waits already is enough: when the client has read it, it gets the rest in one piece. */
  #fallBehind(): void {
    const from = this.#position
    this.#live = false
    this.door.metrics.fellBehind()
    void this.enter(async (step) => {
      await this.connection.drained(0)
      if (this.subscription.everyEvent) return this.#onwards(step)
      const to = this.feed.position
      this.send('gap', { from, to, reason: 'slow' })
      return begin(step)
    }).catch((error: unknown) => this.#failed(error))
  }

  #slowDown(waitMs: number, id: string | number | undefined): void {
    const answer = this.#manners.flooded()
    if (answer === 'nothing') return
    if (answer === 'close') return this.connection.close('rate', `rate ${waitMs}`)
    const { code, message } = new CodedError('rate_limited')
    this.send('error', { code, message, retryMs: waitMs }, id)
  }

  #complain(error: CodedError, id: string | number | undefined): void {
    const { code, message, fix } = error
    this.send('error', { code, message, ...(fix !== undefined && { fix }) }, id)
    const malformed = code === 'bad_json' || code === 'bad_frame' || code === 'unknown_type'
    if (malformed && this.#manners.malformed()) this.connection.close('badFrames', 'bad_frames')
  }

  #failed(error: unknown): void {
    this.door.failed(this.connection, error)
  }
}
