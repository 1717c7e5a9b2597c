import {
  canonicalValue,
  openProviderUsers,
  type ProviderUser,
  type ProviderUsers,
  type SeenFilter,
  type SeenUser,
} from '@switchhook/shared/mappings'
import { providerOf } from '@switchhook/shared/events'
import type { FastifyInstance } from 'fastify'
import type { EventData } from '@switchhook/shared/events'

/** Who was noted is not noted again for so long. */
const againMs = 3_600_000
/** Users whose last note is remembered; of others a note more is written. */
const maxNoted = 10_000
/** Users that wait to be written; further ones are noted when an event names them again. */
const maxPending = 1_000
const everyMs = 5_000
/** So many of an app's newest events are looked at when somebody asks: there may have been no client to show them to. */
const newest = 1_000
const longest = 256

type Parts = Pick<FastifyInstance, 'journal' | 'mappings' | 'store' | 'log'>

/** Remembers whom providers name as agents and nobody has mapped, so that somebody can. */
export class ProviderUsersSeen {
  readonly #parts: Parts
  readonly #users: ProviderUsers
  readonly #now: () => number
  /** When a user was noted, the one of longest ago first. */
  readonly #noted = new Map<string, number>()
  #pending = new Map<string, ProviderUser[]>()
  #waiting = 0
  #writing: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(parts: Parts, now: () => number = Date.now) {
    this.#parts = parts
    this.#users = openProviderUsers(parts.store)
    this.#now = now
    this.#timer = setInterval(() => void this.flush(), everyMs)
  }

  /** Whom an event of a call names; nothing is written now. */
  learn({ app, data }: { readonly app: string; readonly data: EventData }): void {
    if (data.agent && data.call) this.#note(app, data.call.provider, data.agent)
  }

  /** Those of an app that are mapped to nobody, the newest events included. */
  async unmapped(app: string, filter: SeenFilter): Promise<readonly SeenUser[]> {
    if (!filter.after) {
      await this.#lookBack(app)
      await this.flush()
    }
    return this.#users.unmapped(app, filter)
  }

  /** Writes who waits; never rejects. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #lookBack(app: string): Promise<void> {
    const { journal } = this.#parts
    const head = (await journal.heads([app])).get(app) ?? 0
    for (const row of await journal.read(app, Math.max(0, head - newest), newest)) {
      const { agent } = JSON.parse(row.data) as EventData
      if (agent) this.#note(app, providerOf(row), agent)
    }
  }

  #note(app: string, provider: string, agent: NonNullable<EventData['agent']>): void {
    const user = userOf(provider, agent)
    if (!user) return
    const key = `${app}\n${provider}\n${canonicalValue(user.value)}`
    const now = this.#now()
    if ((this.#noted.get(key) ?? 0) > now - againMs) return
    if (this.#waiting >= maxPending || this.#isMapped(app, user)) return
    this.#remember(key, now)
    this.#waiting += 1
    const ofApp = this.#pending.get(app)
    if (ofApp) ofApp.push(user)
    else this.#pending.set(app, [user])
  }

  #isMapped(app: string, { provider, value, email }: ProviderUser): boolean {
    const { mappings } = this.#parts
    return [value, email].some(
      (one) =>
        one !== null &&
        mappings.of(app, { kind: 'provider_user', provider, value: one }) !== undefined,
    )
  }

  #remember(key: string, now: number): void {
    this.#noted.delete(key)
    this.#noted.set(key, now)
    if (this.#noted.size <= maxNoted) return
    const [oldest] = this.#noted.keys()
    this.#noted.delete(oldest!)
  }

  async #write(): Promise<void> {
    if (this.#waiting === 0) return
    const seen = this.#pending
    this.#pending = new Map()
    this.#waiting = 0
    try {
      await this.#users.note(seen)
    } catch (error) {
      // They are named again, or were not important.
      this.#noted.clear()
      this.#parts.log.warn({ err: error }, 'provider users not noted')
    }
  }
}

/** Opens what notes the provider users of an app's events, and closes it with the app. */
export function seeProviderUsers(app: FastifyInstance): ProviderUsersSeen {
  const seen = new ProviderUsersSeen(app)
  app.addHook('onClose', () => seen.close())
  return seen
}

function userOf(
  provider: string,
  { id, email, name }: NonNullable<EventData['agent']>,
): ProviderUser | null {
  const value = id ?? email
  if (!value || value.length > longest || (email?.length ?? 0) > longest) return null
  return { provider, value, email, name: name?.slice(0, longest) ?? null }
}
