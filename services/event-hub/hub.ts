import { Feed } from './feed/index.ts'
import { headFrame } from './feed/encode.ts'
import type { Bus } from '@switchhook/shared/bus'
import type { Journal } from '@switchhook/shared/journal'
import type { CloseName } from '@switchhook/shared/protocol'
import type { Connection } from './transports/websocket.ts'
import type { Options } from './config.ts'
import type { Session } from './session/index.ts'

interface HubOptions {
  readonly journal: Journal
  readonly bus: Bus
  readonly limits: Options
  readonly onError: (error: unknown) => void
}

/** The use of a feed; to be given back once. */
export interface Lease {
  readonly feed: Feed
  release(): void
}

interface Kept {
  readonly feed: Promise<Feed>
  users: number
  /** The position of the last head sent, and when. */
  announced: { seq: number; at: number }
}

const sweepMs = 1_000

/** The sockets of this process and the feeds they share; one timer looks after all of them. */
export class Hub {
  readonly #options: HubOptions
  readonly #feeds = new Map<string, Kept>()
  readonly #sessions = new Set<Session>()
  readonly #timer: NodeJS.Timeout
  #pingedAt = Date.now()
  #sweeping = false
  #closing: [name: CloseName, reason: string] | null = null

  constructor(options: HubOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#sweep(), sweepMs)
  }

  /** The app's feed, started for its first user. @throws if the journal cannot be read */
  async acquire(app: string): Promise<Lease> {
    let kept = this.#feeds.get(app)
    if (!kept) {
      const feed = Feed.start({ ...this.#options, app })
      kept = { feed, users: 0, announced: { seq: 0, at: Date.now() } }
      this.#feeds.set(app, kept)
    }
    kept.users += 1
    try {
      const feed = await kept.feed
      return { feed, release: () => this.#release(app, kept) }
    } catch (error) {
      // The next socket starts a feed anew: the store may be back by then.
      this.#release(app, kept)
      if (this.#feeds.get(app) === kept) this.#feeds.delete(app)
      throw error
    }
  }

  /** Takes in a session, or sends it away if the hub closed while it was on its way in. */
  add(session: Session): void {
    this.#sessions.add(session)
    if (this.#closing) session.connection.close(...this.#closing)
  }

  remove(session: Session): void {
    this.#sessions.delete(session)
  }

  /** Closes every socket; resolves when the peers had their time to answer. */
  async close(name: CloseName, reason: string): Promise<void> {
    this.#closing = [name, reason]
    clearInterval(this.#timer)
    const closed = [...this.#sessions].map(
      ({ connection }) =>
        new Promise<void>((resolve) => {
          connection.socket.once('close', () => resolve())
          connection.close(name, reason)
        }),
    )
    await Promise.all(closed)
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

  async #sweep(): Promise<void> {
    const now = Date.now()
    this.#checkSessions(now)
    // A store that takes longer than a sweep is not asked again before it has answered.
    if (this.#sweeping) return
    this.#sweeping = true
    try {
      await this.#learnHeads()
      for (const kept of this.#feeds.values()) await this.#announceHead(kept, now)
    } catch (error) {
      // Completeness cannot be confirmed now: no heads.
      this.#options.onError(error)
    } finally {
      this.#sweeping = false
    }
  }

  #checkSessions(now: number): void {
    const { heartbeatSeconds, idleSeconds } = this.#options.limits
    const pingNow = now - this.#pingedAt >= heartbeatSeconds * 1_000
    if (pingNow) this.#pingedAt = now
    for (const { connection, expiresAt } of this.#sessions) {
      if (now >= expiresAt) closeExpired(connection)
      else if (now - connection.lastSeen > idleSeconds * 1_000) connection.close('idle', 'idle')
      else if (pingNow && connection.open) connection.socket.ping()
    }
  }

  /** A lost last message leaves no hole in the numbers: only the journal's head gives it away. */
  async #learnHeads(): Promise<void> {
    if (this.#feeds.size === 0) return
    const heads = await this.#options.journal.heads([...this.#feeds.keys()])
    for (const [app, head] of heads) {
      const kept = this.#feeds.get(app)
      if (kept) (await kept.feed).noticeHead(head)
    }
  }

  /** Once after a burst, and with every heartbeat: the client knows that it has everything. */
  async #announceHead(kept: Kept, now: number): Promise<void> {
    const feed = await kept.feed
    const seq = feed.position
    const due = now - kept.announced.at >= this.#options.limits.heartbeatSeconds * 1_000
    if (seq === kept.announced.seq && !due) return
    kept.announced = { seq, at: now }
    const frame = headFrame(seq)
    for (const view of feed.views) view.announce(frame)
  }
}

function closeExpired(connection: Connection): void {
  if (connection.modern) connection.close('tokenExpired', 'token_expired')
  else connection.close('policy', 'auth_expired')
}
