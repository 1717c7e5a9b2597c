import { LiveCalls } from './feed/calls.ts'
import { Follower } from './feed/follower.ts'
import { applyPresence } from './feed/presence.ts'
import { Line } from './line.ts'
import { Credentials, type CredentialOptions } from './link/credential.ts'
import { systemClock, type Clock, type HubSocketConstructor } from './link/socket.ts'
import { Listeners, type Happenings } from './listeners.ts'
import { Requests } from './requests.ts'
import type { ConnectionState } from './state.ts'
import type {
  ControlFrame,
  ControlFrames,
  PresenceEntry,
  ServerFrame,
} from '@switchhook/shared/protocol'
import type { CallRecord } from '@switchhook/shared/projections'

export interface ConnectOptions extends CredentialOptions {
  /** The hub, `https://hub.example.com`; or one of its sockets: `…/ws/call` begins with the live calls, `…/ws` not. */
  readonly url: string | URL
  /** Where an earlier connection stopped. */
  readonly cursor?: string
  /** Channels instead of the usual ones: `calls`, `agent:me`, `queue:sales`, `presence` … */
  readonly subscribe?: readonly string[]
  /** The same as `on` with these names. */
  readonly onEvent?: (frame: Happenings['event']) => void
  readonly onSnapshot?: (snapshot: Happenings['snapshot']) => void
  readonly onHead?: (head: Happenings['head']) => void
  readonly onState?: (state: ConnectionState) => void
  /** Another WebSocket than the one of the platform. */
  readonly WebSocket?: HubSocketConstructor
  readonly clock?: Clock
}

/** What `subscribe` may say besides the channels. */
export interface SubscribeOptions {
  /** Replays what the channels brought after this place. */
  readonly cursor?: string
  readonly snapshot?: 'auto' | 'always' | 'never'
  /** Only these events: `['call-*']`. */
  readonly events?: readonly string[]
}

export interface HistoryOptions {
  readonly after: number
  readonly limit?: number
  readonly call?: string
}

/** What the hub gives everyone: of these, what the role allows. */
const usualChannels = ['calls', 'agent:me']

/** A client of the hub: one socket at a time, a position that outlives it, a state that never flatters. */
export class Connection {
  readonly #options: ConnectOptions
  readonly #listeners = new Listeners()
  readonly #live = new LiveCalls()
  readonly #agents = new Map<string, PresenceEntry>()
  /** What is subscribed to; null while that is what the hub gives everyone. */
  #channels: Set<string> | null
  readonly #follower: Follower
  readonly #requests: Requests
  readonly #credentials: Credentials
  readonly #line: Line
  #state: ConnectionState = { name: 'connecting' }

  constructor(options: ConnectOptions) {
    this.#options = options
    const { clock = systemClock, cursor, subscribe, WebSocket } = options
    this.#channels = subscribe ? new Set(subscribe) : null
    this.#credentials = new Credentials(options)
    this.#follower = new Follower(cursor, {
      onEvent: (frame) => {
        const changed = this.#live.apply(frame)
        this.#listeners.tell('event', frame)
        this.#listeners.tell(frame.event, frame)
        if (changed) this.#listeners.tell('calls', this.calls)
      },
      onSnapshot: (snapshot) => {
        this.#live.reset(snapshot)
        this.#listeners.tell('snapshot', snapshot)
        this.#listeners.tell('calls', this.calls)
      },
      send: (message) => this.#line.send(message),
    })
    this.#requests = new Requests(clock, (message) => {
      const { steady } = this.#line
      if (steady) this.#line.send(message)
      return steady
    })
    this.#line = new Line({
      credentials: this.#credentials,
      clock,
      WebSocket,
      url: () => this.#url(),
      take: (frame, early) => this.#take(frame, early),
      forget: () => this.#follower.position.lost(),
      become: (state) => this.#become(state),
    })
    const { onEvent, onSnapshot, onHead, onState } = options
    if (onEvent) this.on('event', onEvent)
    if (onSnapshot) this.on('snapshot', onSnapshot)
    if (onHead) this.on('head', onHead)
    if (onState) this.on('state', onState)
    this.#line.restart()
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** What to resume from, for a client that wants to continue in another page or process. */
  get cursor(): string | null {
    return this.#follower.position.cursor
  }

  /** The live calls by id: those of the last snapshot, and what came of them since. */
  get calls(): ReadonlyMap<string, CallRecord> {
    return this.#live.byId
  }

  /** How the agents are by id, for who subscribed to `presence`. */
  get presence(): ReadonlyMap<string, PresenceEntry> {
    return this.#agents
  }

  /** Calls back whenever it happens. @returns what ends that @throws when 100 listen to it already */
  on<Name extends keyof Happenings>(
    name: Name,
    listener: (value: Happenings[Name]) => void,
  ): () => void {
    return this.#listeners.on(name, listener)
  }

  /** Follows more channels, also on the sockets to come. Look at `denied`. @throws HubError, like all requests */
  async subscribe(
    channels: readonly string[],
    options: SubscribeOptions = {},
  ): Promise<ControlFrames['subscribed']> {
    const answer = await this.#requests.ask<'subscribed'>('subscribe', { channels, ...options })
    this.#channels ??= new Set(usualChannels)
    for (const channel of channels)
      if (!answer.denied?.some((denied) => denied.channel === channel)) this.#channels.add(channel)
    return answer
  }

  /** Follows fewer. */
  async unsubscribe(channels: readonly string[]): Promise<void> {
    await this.#requests.ask('unsubscribe', { channels })
    this.#channels ??= new Set(usualChannels)
    for (const channel of channels) this.#channels.delete(channel)
  }

  /** Says how one's own user is: `available`, `busy`, … */
  async setPresence(state: string, note?: string): Promise<void> {
    await this.#requests.ask('presence', { state, note })
  }

  /** Of all who claim an action on a call (`screen-pop`) exactly one is granted it, until it ends or is released. */
  claim(
    call: string,
    action: string,
    { ttlMs }: { ttlMs?: number } = {},
  ): Promise<ControlFrames['claimed']> {
    return this.#requests.ask<'claimed'>('claim', { call, action, ttlMs })
  }

  /** Gives a claim back before its time. */
  async release(call: string, action: string): Promise<void> {
    await this.#requests.ask('release', { call, action })
  }

  /** Events after a number, of one call if one is named, at most 500; nothing changes for the connection. */
  history(wanted: HistoryOptions): Promise<ControlFrames['history']> {
    return this.#requests.ask<'history'>('history', { ...wanted })
  }

  /** Tries again now, also after a refusal. */
  reconnect(): void {
    this.#line.restart()
  }

  /** Ends it for good. */
  close(): void {
    this.#line.close()
  }

  #url(): URL {
    const url = new URL(this.#options.url)
    if (url.pathname === '/') url.pathname = '/ws/call'
    url.protocol = url.protocol.replace('http', 'ws')
    // In the address, so that no event of theirs is missed between two frames.
    const channels = this.#channels?.size === 0 ? ['none'] : (this.#channels ?? [])
    for (const channel of channels) url.searchParams.append('sub', channel)
    if (this.cursor !== null) url.searchParams.set('cursor', this.cursor)
    return url
  }

  #take(frame: ServerFrame, early: boolean): ConnectionState {
    const { event } = frame
    // A new socket says all of it first.
    if (event === 'connected') this.#agents.clear()
    // The place is still that of the other socket.
    if (!early || (event !== 'connected' && event !== 'head')) this.#follower.take(frame)
    if (!('seq' in frame)) {
      this.#control(frame)
      this.#requests.take(frame)
      this.#requests.flush()
    }
    const { complete, missing: count } = this.#follower.position
    return complete ? { name: 'live' } : { name: 'catching-up', count }
  }

  #control({ event, data }: ControlFrame): void {
    if (event === 'presence') applyPresence(this.#agents, data)
    else if (event === 'auth-expiring') void this.#renew()
    else if (event === 'call-removed') {
      this.#live.remove(data.call)
      this.#listeners.tell('calls', this.calls)
    }
    if (event !== 'snapshot') this.#listeners.tell(event, data)
  }

  /** A fresh token in place; if that fails, the hub will say so by closing. */
  async #renew(): Promise<void> {
    try {
      const token = await this.#credentials.freshToken()
      if (token) await this.#requests.ask('auth', { token })
    } catch {
      // The close code tells what to do next.
    }
  }

  #become(state: ConnectionState): void {
    // The same again is no news.
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return
    this.#state = state
    const { name } = state
    if (name === 'refused') this.#requests.fail(state.code, true)
    else if (name === 'closed') this.#requests.fail(name, true)
    else if (name !== 'live' && name !== 'catching-up')
      this.#requests.fail('connection_lost', false)
    this.#listeners.tell('state', state)
  }
}
