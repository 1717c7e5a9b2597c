import { randomUUID, timingSafeEqual } from 'node:crypto'
import { hashOf, isKey, newKey, prefixOf } from './key-text.ts'
import { timeOf } from './time.ts'
import type { By } from '../audit/contract.ts'
import type { Procedures } from '../database/index.ts'
import type { ApiKey, ApiKeys } from './contract.ts'
import type { StoredKey } from './sql/api-keys.ts'

type Sql = Procedures<typeof import('./sql/api-keys.ts')>

/** Keys of an app that are accepted at a time. */
const mostKeys = 20
const mostListed = 100
/** For so long a key that ended is told that, and not that it is none. */
const rememberedMs = 86_400_000
const noteEveryMs = 60_000
/** A program that embeds us. */
const system: By = { actor: 'system', ip: null }

type NewKey = NonNullable<Parameters<ApiKeys['create']>[1]>

interface Known {
  readonly key: StoredKey
  readonly hash: Buffer
  /** Unix milliseconds. */
  readonly endsAt: number
}

/** The keys in memory: their bound is `mostKeys` of each app. */
export class KeysInMemory implements ApiKeys {
  readonly #sql: Sql
  /** Reads what was changed, after a change of our own. */
  readonly #refresh: () => Promise<void>
  #byPrefix = new Map<string, Known[]>()
  #byId = new Map<string, Known>()
  /** When the next key ends by itself. */
  #nextEnd = Infinity
  readonly #used = new Map<string, number>()
  readonly #noted = new Map<string, number>()

  constructor(sql: Sql, refresh: () => Promise<void>) {
    this.#sql = sql
    this.#refresh = refresh
  }

  async load(nowMs: number): Promise<void> {
    const keys = await this.#sql.liveKeys(timeOf(nowMs - rememberedMs))
    const known = keys.map((key): Known => ({
      key,
      hash: Buffer.from(key.hash, 'hex'),
      endsAt: endOf(key),
    }))
    this.#byPrefix = Map.groupBy(known, ({ key }) => key.prefix)
    this.#byId = new Map(known.map((one) => [one.key.id, one]))
    this.#plan(nowMs)
    for (const id of this.#noted.keys()) if (!this.#byId.has(id)) this.#noted.delete(id)
  }

  /** Whether a key has ended by itself since this was asked before. */
  haveEnded(nowMs: number): boolean {
    if (nowMs < this.#nextEnd) return false
    this.#plan(nowMs)
    return true
  }

  #plan(nowMs: number): void {
    const ends = [...this.#byId.values()].map(({ endsAt }) => endsAt)
    this.#nextEnd = ends.filter((end) => end > nowMs).reduce((a, b) => Math.min(a, b), Infinity)
  }

  find(text: string, nowMs: number): ApiKey | 'expired' | null {
    if (!isKey(text)) return null
    const hash = Buffer.from(hashOf(text), 'hex')
    const candidates = this.#byPrefix.get(prefixOf(text)) ?? []
    const found = candidates.find((one) => timingSafeEqual(one.hash, hash))
    if (!found) return null
    return nowMs < found.endsAt ? found.key : 'expired'
  }

  isLive(id: string, nowMs: number): boolean {
    const known = this.#byId.get(id)
    return known !== undefined && nowMs < known.endsAt
  }

  used(id: string, nowMs: number): void {
    this.#used.set(id, nowMs)
  }

  /** Writes when keys were used that were not noted for a minute. */
  async noteUses(nowMs: number): Promise<void> {
    const due = [...this.#used].filter(
      ([id]) => nowMs - (this.#noted.get(id) ?? -Infinity) >= noteEveryMs,
    )
    if (due.length === 0) return
    for (const [id] of due) {
      this.#used.delete(id)
      this.#noted.set(id, nowMs)
    }
    await this.#sql.noteUses(due.map(([id, at]) => [id, timeOf(at)]))
  }

  list(app: string): Promise<readonly ApiKey[]> {
    return this.#sql.listKeys(app, mostListed)
  }

  async create(app: string, { expiresAt = null, by = system }: NewKey = {}) {
    const made = make(app, expiresAt)
    const limits = { now: made.record.createdAt, most: mostKeys, by }
    if (!(await this.#sql.addKey(made.stored, limits))) return null
    await this.#refresh()
    return { key: made.key, record: made.record, graceUntil: null }
  }

  async rotate(
    app: string,
    { graceSeconds, expiresAt = null, by = system }: NewKey & { readonly graceSeconds: number },
  ) {
    const made = make(app, expiresAt)
    const now = made.record.createdAt
    const graceUntil = timeOf(Date.parse(now) + graceSeconds * 1_000)
    const limits = { now, graceUntil, most: mostKeys, by }
    const replaced = await this.#sql.replaceKeys(made.stored, limits)
    await this.#refresh()
    return { key: made.key, record: made.record, graceUntil: replaced ? graceUntil : null }
  }

  async revoke(app: string, id: string, by: By = system) {
    const revoked = await this.#sql.revokeKey({ app, id, now: timeOf(Date.now()), by })
    await this.#refresh()
    return revoked
  }
}

function make(app: string, expiresAt: string | null) {
  const key = newKey()
  const record: ApiKey = {
    id: randomUUID(),
    app,
    prefix: prefixOf(key),
    createdAt: timeOf(Date.now()),
    expiresAt: expiresAt === null ? null : timeOf(Date.parse(expiresAt)),
    revokedAt: null,
    graceUntil: null,
    lastUsedAt: null,
  }
  return { key, record, stored: { ...record, hash: hashOf(key) } }
}

/** When a key ends by itself, Unix milliseconds. */
export function endOf({ expiresAt, graceUntil }: ApiKey): number {
  const ends = [expiresAt, graceUntil].filter((end) => end !== null)
  return Math.min(Infinity, ...ends.map((end) => Date.parse(end)))
}
