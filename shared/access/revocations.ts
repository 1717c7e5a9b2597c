import { timeOf } from './time.ts'
import type { Procedures } from '../database/index.ts'
import type { Revocations } from './contract.ts'

type Sql = Procedures<typeof import('./sql/revocations.ts')>

/** Nobody should issue tokens that live longer. */
const keptMs = 400 * 86_400_000
/** Revocations of an app; the oldest give way. */
const perApp = 100_000
const page = 10_000

/** Revocations in memory: their bound is `perApp` of each app. */
export class RevocationsInMemory implements Revocations {
  readonly #sql: Sql
  readonly #refresh: () => Promise<void>
  readonly #apps = new Map<string, Map<string, number>>()
  #read = 0

  constructor(sql: Sql, refresh: () => Promise<void>) {
    this.#sql = sql
    this.#refresh = refresh
  }

  /** Reads what was added; `revision` is what there is. */
  async load(revision: number): Promise<void> {
    // The store was replaced by an older one: what is in memory may be of another one.
    if (revision < this.#read) this.#forget()
    for (;;) {
      const rows = await this.#sql.revocationsSince(this.#read, page)
      for (const { app, sub, at, revision: own } of rows) {
        this.#remember(app, sub, Date.parse(at))
        this.#read = own
      }
      if (rows.length < page) break
    }
    this.#read = Math.max(this.#read, revision)
  }

  since(app: string, sub: string): number | undefined {
    return this.#apps.get(app)?.get(sub)
  }

  async add(app: string, sub: string): Promise<string> {
    const now = Date.now()
    const at = timeOf(now)
    await this.#sql.addRevocation({ app, sub, at }, { oldest: timeOf(now - keptMs), keep: perApp })
    await this.#refresh()
    return at
  }

  /** Rows come in the order in which they were written: the first of a map is the oldest. */
  #remember(app: string, sub: string, at: number): void {
    let users = this.#apps.get(app)
    if (!users) this.#apps.set(app, (users = new Map()))
    users.delete(sub)
    users.set(sub, at)
    if (users.size <= perApp) return
    for (const oldest of users.keys()) return void users.delete(oldest)
  }

  #forget(): void {
    this.#apps.clear()
    this.#read = 0
  }
}
