import { CodedError } from '@switchhook/shared/errors'
import { Feed, type FeedOptions } from './feed/index.ts'
import { checkCredential } from './session/expiry.ts'
import { drain } from './session/drain.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { ControlFrame } from '@switchhook/shared/protocol'
import type { Client, Lease, Line, Reception } from './session/door.ts'

interface HubOptions extends Omit<FeedOptions, 'app'> {
  /** Whether the credential was taken back; asked again only when `accessRevision` changed. */
  readonly revoked: (principal: Principal) => boolean
  readonly accessRevision: () => number
  /** Whether clients have another process to go to. */
  readonly replicated: boolean
  /** Has work done twice a second. @returns what ends that */
  readonly eachRound: (work: () => void) => () => void
}

interface Kept {
  readonly feed: Promise<Feed>
  users: number
  /** The last head sent to all. */
  announced: number
  /** Where the feed was at the last sweep. */
  swept: number
  /** Where the feed was when it was last looked at. */
  position: number
  /** Since when it stands still behind the journal, Unix milliseconds. */
  behindSince: number | null
}

/** What needs a look at every client or at the store is done in every other sweep. */
const sweepsOfWhole = 2
const wholeSweepMs = 1_000

/** The sockets of this process and the feeds they share; one timer looks after all of them. */
export class Hub implements Reception {
  readonly #options: HubOptions
  readonly #feeds = new Map<string, Kept>()
  readonly #clients = new Set<Client>()
  /** Each has a few seconds to say whose it is. */
  readonly #strangers = new Set<Line>()
  /** Sockets by app, and by app and user. */
  readonly #counts = new Map<string, number>()
  readonly #rest: () => void
  readonly #unwatch: () => void
  #sweeps = 0
  #beats = 0
  #accessRevision = 0
  #sweeping = false
  #draining = false

  constructor(options: HubOptions) {
    this.#options = options
    this.#rest = options.eachRound(() => void this.#sweep())
    this.#unwatch = options.mappings.onChange(() => this.#remap())
  }

  /**
   * A place for a user's socket, and the app's feed, started for its first user.
   * @throws CodedError `too_many_sockets`; or what kept the journal from being read
   */
  async acquire(principal: Principal): Promise<Lease> {
    const leave = this.#count(principal)
    try {
      const lease = await this.borrow(principal.app)
      let released = false
      const release = (): void => {
        if (released) return
        released = true
        leave()
        lease.release()
      }
      return { feed: lease.feed, release }
    } catch (error) {
      leave()
      throw error
    }
  }

  /** The feed of an app without a socket of a user; to be given back. @throws if the journal cannot be read */
  async borrow(app: string): Promise<Lease> {
    const kept = this.#keep(app)
    try {
      return { feed: await kept.feed, release: () => this.#release(app, kept) }
    } catch (error) {
      this.#release(app, kept)
      // The next socket starts a feed anew: the store may be back by then.
      if (this.#feeds.get(app) === kept) this.#feeds.delete(app)
      throw error
    }
  }

  expect(line: Line): void {
    this.#strangers.add(line)
    if (this.#draining) line.close('restart', 'restart 1000')
  }

  unexpect(line: Line): void {
    this.#strangers.delete(line)
  }

  /** Takes in a client, or sends it away if the hub closed while it was on its way in. */
  add(client: Client): void {
    this.#clients.add(client)
    if (this.#draining) client.connection.close('restart', 'restart 1000')
    // Taken back after it was shown, and before anybody looked at this client.
    else if (this.#options.revoked(client.principal)) client.connection.close('revoked', 'revoked')
  }

  remove(client: Client): void {
    this.#clients.delete(client)
  }

  /** Bytes that clients have not taken yet. */
  get waiting(): number {
    let bytes = 0
    for (const { connection } of this.#clients) bytes += connection.waiting
    return bytes
  }

  /** How many events the feeds are behind the journal. */
  async lag(): Promise<number> {
    let most = 0
    for (const { feed } of this.#feeds.values()) {
      // One that cannot start yet has nobody who is behind.
      const started = await feed.catch(() => null)
      if (started) most = Math.max(most, started.head - started.position)
    }
    return most
  }

  /** @throws when a feed no longer advances while its journal does: clients are better off elsewhere */
  assertAdvancing(now = Date.now()): void {
    for (const { behindSince } of this.#feeds.values()) {
      if (behindSince !== null && now - behindSince > 2 * wholeSweepMs) {
        throw new Error('the feed is behind the journal')
      }
    }
  }

  /** Sends a frame without a number to everyone in the app who watches the channel. */
  announce(app: string, channel: string, frame: ControlFrame): void {
    this.#feeds.get(app)?.feed.then(
      (feed) => feed.announce(channel, frame),
      () => {},
    )
  }

  /** Moves every client to another process, or tells it when to come back; resolves when all are gone. */
  async close(): Promise<void> {
    this.#draining = true
    for (const line of this.#strangers) line.close('restart', 'restart 1000')
    await Promise.all([
      drain(this.#clients, this.#options),
      ...[...this.#strangers].map((line) => line.whenClosed()),
    ])
    // Until then heads go out, and what the bus lost is read back.
    this.#rest()
    this.#unwatch()
  }

  #keep(app: string): Kept {
    let kept = this.#feeds.get(app)
    if (!kept) {
      const feed = Feed.start({ ...this.#options, app })
      kept = { feed, users: 0, announced: 0, swept: 0, position: 0, behindSince: null }
      this.#feeds.set(app, kept)
    }
    kept.users += 1
    return kept
  }

  /** A hub follows only the apps it has clients for. */
  #release(app: string, kept: Kept): void {
    kept.users -= 1
    if (kept.users > 0) return
    if (this.#feeds.get(app) === kept) this.#feeds.delete(app)
    kept.feed.then(
      (feed) => feed.stop(),
      () => {},
    )
  }

  /** @throws CodedError `too_many_sockets` if there is no place for another one of the user's */
  assertRoom(principal: Principal): void {
    for (const [key, most] of this.#placesOf(principal)) {
      if ((this.#counts.get(key) ?? 0) >= most) throw new CodedError('too_many_sockets')
    }
  }

  #placesOf({ app, sub, credential }: Principal): [key: string, most: number][] {
    const { socketsPerApp, socketsPerUser } = this.#options.limits
    const ofApp: [string, number] = [app, socketsPerApp]
    return credential === 'token' ? [ofApp, [`${app}/${sub}`, socketsPerUser]] : [ofApp]
  }

  /** @returns what gives the place back @throws CodedError `too_many_sockets` */
  #count(principal: Principal): () => void {
    this.assertRoom(principal)
    const places = this.#placesOf(principal)
    for (const [key] of places) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return () => {
      for (const [key] of places) {
        const left = this.#counts.get(key)! - 1
        if (left > 0) this.#counts.set(key, left)
        else this.#counts.delete(key)
      }
    }
  }

  async #sweep(): Promise<void> {
    const now = Date.now()
    this.#sweeps += 1
    const isWhole = this.#sweeps % sweepsOfWhole === 0
    if (isWhole) this.#checkClients(now)
    // A store that takes longer than a sweep is not asked again before it has answered.
    if (this.#sweeping) return
    this.#sweeping = true
    try {
      if (isWhole) await this.#learnHeads(now)
      for (const kept of this.#feeds.values()) await this.#look(kept, now)
    } catch (error) {
      // Completeness cannot be confirmed now: no heads.
      this.#options.onError(error)
    } finally {
      this.#sweeping = false
    }
  }

  /** Heartbeats are spread over the time between two of one socket: never all at once. */
  #checkClients(now: number): void {
    const { heartbeatSeconds, idleSeconds } = this.#options.limits
    const revision = this.#options.accessRevision()
    const accessChanged = revision !== this.#accessRevision
    this.#accessRevision = revision
    this.#beats += 1
    const slot = this.#beats % heartbeatSeconds
    for (const client of this.#clients) {
      const { connection, principal } = client
      if (accessChanged && this.#options.revoked(principal)) connection.close('revoked', 'revoked')
      else if (now - connection.lastSeen > idleSeconds * 1_000) connection.close('idle', 'idle')
      else if (connection.stalled(now)) connection.close('slow', `slow ${connection.waiting}`)
      else if (checkCredential(client, now)) continue
      else if (now > connection.rotateAt) connection.close('restart', 'restart 100')
      else if (client.slot % heartbeatSeconds === slot) client.beat()
    }
  }

  /** Calls that are other people's now change screens at once. */
  #remap(): void {
    for (const { feed } of this.#feeds.values()) {
      const told = feed.then(
        (started) => started.sweep(Date.now()),
        // Whoever waits for it hears why it did not start.
        () => {},
      )
      told.catch(this.#options.onError)
    }
  }

  /** A lost last message leaves no hole in the numbers: only the journal's head gives it away. */
  async #learnHeads(now: number): Promise<void> {
    if (this.#feeds.size === 0) return
    const heads = await this.#options.journal.heads([...this.#feeds.keys()])
    for (const [app, head] of heads) {
      const kept = this.#feeds.get(app)
      if (!kept) continue
      const feed = await kept.feed
      if (feed.position >= head || feed.position > kept.position) kept.behindSince = null
      else kept.behindSince ??= now
      kept.position = feed.position
      feed.noticeHead(head)
    }
  }

  /** Once after a burst everyone is told that there was no more. */
  async #look(kept: Kept, now: number): Promise<void> {
    const feed = await kept.feed
    feed.sweep(now)
    const { position } = feed
    const isQuiet = position === kept.swept
    kept.swept = position
    if (!isQuiet || position === kept.announced) return
    kept.announced = position
    feed.announceHead()
  }
}
