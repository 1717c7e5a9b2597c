import { CodedError } from '@switchhook/shared/errors'
import {
  formatCursor,
  type CloseName,
  type ControlFrames,
  type ControlName,
} from '@switchhook/shared/protocol'
import { controlFrame, pingFrame } from '../feed/encode.ts'
import { Bucket } from './bucket.ts'
import { Strikes } from './strikes.ts'
import { greeting } from './greeting.ts'
import { handle, parseMessage } from '../requests/index.ts'
import {
  begin,
  follow,
  replay,
  resume,
  resync,
  type Joiner,
  type Outcome,
  type Step,
} from './resume.ts'
import { defaultChannels, scopeOf } from '../channels.ts'
import { sort } from '../requests/subscribe.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { Connection } from '../transports/websocket.ts'
import type { Feed } from '../feed/index.ts'
import type { View } from '../feed/view.ts'
import type { Asker, RequestId, Subscription } from '../requests/contract.ts'
import type { Client, Door } from './door.ts'

export interface SessionOptions {
  readonly door: Door
  readonly connection: Connection
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

/** One client from `connected` to its close. */
export class Session implements Joiner, Asker, Client {
  readonly connection: Connection
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
  #joining = false
  /** What else is to be done before the client is in step. */
  #next: Entry | null = null
  readonly #messages: Bucket
  readonly #pings = new Bucket(2, 10)
  readonly #malformed = new Strikes(10)
  readonly #floods = new Strikes(2)
  /** The end of the token that the client was warned of. */
  warnedOf: number | null = null
  /** Which of the heartbeats of a round is this client's. */
  readonly slot = (sessions += 1)

  constructor({ door, connection, principal, clientId, feed }: SessionOptions) {
    const { messageRate, messageBurst } = door.limits
    this.door = door
    this.connection = connection
    this.principal = principal
    this.clientId = clientId
    this.feed = feed
    this.subscription = { channels: [], events: null, everyEvent: !connection.modern }
    this.#position = feed.position
    this.#messages = new Bucket(messageRate, messageBurst)
  }

  get open(): boolean {
    return this.connection.open
  }

  get modern(): boolean {
    return this.connection.modern
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
    if (cursor !== undefined) await this.enter(this.#from(cursor))
    else await this.enter(snapshot ? (step) => begin(step, 0) : follow)
  }

  /** Takes up another subscription. @throws CodedError `conflict` while another change is under way */
  async subscribe(
    subscription: Subscription,
    how: 'snapshot' | 'follow' | { cursor: string },
  ): Promise<void> {
    this.refuseIfJoining()
    this.subscription = subscription
    if (how === 'snapshot') await this.enter(begin)
    else if (how === 'follow') await this.enter((step) => this.#onwards(step))
    else await this.enter(this.#from(how.cursor))
  }

  /** Leaves the live events and comes back by cursor or, without one, by snapshot. */
  async rejoin(cursor?: string): Promise<void> {
    this.refuseIfJoining()
    await this.enter(cursor === undefined ? begin : this.#from(cursor))
  }

  /** @throws CodedError `conflict` */
  refuseIfJoining(): void {
    if (this.#joining) throw new CodedError('conflict')
  }

  /** Handles one message; what is wrong with it is answered, the socket stays. */
  async receive(raw: Buffer, isBinary: boolean): Promise<void> {
    let id: string | number | undefined
    try {
      const message = parseMessage(raw, isBinary)
      id = message.id
      const waitMs = (message.type === 'ping' ? this.#pings : this.#messages).take()
      if (waitMs > 0) return this.#slowDown(waitMs, id)
      await handle(this, message)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#complain(error, id)
    }
  }

  send<Name extends ControlName>(event: Name, data: ControlFrames[Name], id?: RequestId): void {
    this.connection.write(controlFrame(event, data, id))
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

  /** A sign of life; with the head in it only for a client that nothing is on its way to. */
  beat(withHead: Buffer): void {
    const inStep = this.#live && this.modern && this.#view?.pending === false
    this.connection.write(inStep ? withHead : pingFrame)
    if (inStep) this.#position = this.feed.position
  }

  viewChanged(): void {
    void this.enter((step) => resync(step, 'view_changed')).catch((error: unknown) =>
      this.#failed(error),
    )
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

  /** Brings the client in step with what it is subscribed to; while that is under way, the last word counts. */
  async enter(entry: Entry): Promise<void> {
    this.#next = entry
    if (this.#joining) return
    this.#joining = true
    try {
      while (this.#next && this.open) {
        const now = this.#next
        this.#next = null
        this.#leave()
        const view = this.#openView()
        if (!view) continue
        const outcome = await now({ feed: this.feed, view, joiner: this })
        this.door.metrics.joined(outcome)
      }
      this.#live = this.open && this.#view !== null
    } finally {
      this.#joining = false
    }
  }

  /** Continues where the client is, without a word about it. */
  async #onwards(step: Step): Promise<Outcome> {
    const gone = await replay(step, this.#position)
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
    this.#view = this.feed.open({ scope, channels, events, modern: this.modern })
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
    this.door.metrics.fellBehind()
    void this.enter(async (step) => {
      await this.connection.drained(0)
      if (this.subscription.everyEvent) return this.#onwards(step)
      const to = this.feed.position
      this.write(controlFrame('gap', { from, to, reason: 'slow' }))
      return begin(step)
    }).catch((error: unknown) => this.#failed(error))
  }

  #slowDown(waitMs: number, id: string | number | undefined): void {
    const now = Date.now()
    // A flood is one offence, however many messages it has.
    if (!this.#floods.quietFor(now, 1_000)) return
    if (this.#floods.add(now)) return this.connection.close('rate', `rate ${waitMs}`)
    const { code, message } = new CodedError('rate_limited')
    this.send('error', { code, message, retryMs: waitMs }, id)
  }

  #complain(error: CodedError, id: string | number | undefined): void {
    const { code, message, fix } = error
    this.send('error', { code, message, ...(fix !== undefined && { fix }) }, id)
    const malformed = code === 'bad_json' || code === 'bad_frame' || code === 'unknown_type'
    if (malformed && this.#malformed.add(Date.now())) {
      this.connection.close('badFrames', 'bad_frames')
    }
  }

  #failed(error: unknown): void {
    this.door.failed(this.connection, error)
  }
}
