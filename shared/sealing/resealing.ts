import { randomUUID } from 'node:crypto'
import { headLength, markLength, type Sealing } from './seal.ts'
import type { Procedures, Store } from '../database/index.ts'
import type { Lease, Progress, Replacement, SealedRow } from './resealing-sql.ts'

/** Where sealed octets lie: in the column `sealed`, empty or null where there is nothing. */
export interface SealedTable {
  readonly name: string
  /** Columns of text that an index has in this order, and that name one row. */
  readonly order: readonly string[]
  /** What the octets of a row are bound to; gets the values of `order`. */
  place(...values: readonly string[]): string
}

/** What a sweep did. */
export interface Sweep {
  /** Rows that are sealed with the first key now, by table. */
  readonly resealed: ReadonlyMap<string, number>
  /**
   * `finished`: a whole pass, which ended in this sweep, found nothing under another key of ours. `done`: one did
   * before, less than an hour ago. `pending`: there is more to look at.
   */
  readonly state: 'finished' | 'done' | 'pending'
}

/** Brings whatever is sealed under an older key of ours to the first one, a little at a time, while others write. */
export interface Resealing {
  /**
   * Goes on where the last sweep ended, of whatever process: one of them is at it at a time. Octets that somebody else
   * changes meanwhile stay as they are.
   */
  sweep(stopping: AbortSignal): Promise<Sweep>
  /** Keys that are not ours, by table, as far as the ends of the tables show them. */
  strangeKeys(): Promise<ReadonlyMap<string, readonly string[]>>
}

interface Options {
  readonly tables: readonly SealedTable[]
  /** Unix milliseconds. */
  readonly now: () => number
}

/** Rows that are looked at in a step, and that are rewritten: short enough that webhooks need not wait for it. */
const perStep = { looked: 1_000, rewritten: 100, bytes: 4_194_304 }
const maxSteps = 500
/** Whoever is at it says so with every step; when it does not, another one goes on. */
const leaseMs = 60_000
/** As long as there is an older key, something may come that is sealed with it: from a spool, from another process. */
const againMs = 3_600_000
/** Rows at each end of a table that tell by which keys it is sealed. */
const samples = 100

/** Opens the re-sealing of a store. */
export function openResealing(store: Store, sealing: Sealing, options: Options): Resealing {
  const module = import.meta.resolve('./resealing-sql.ts')
  return new Resealer(store.procedures<Statements>(module), { sealing, ...options })
}

type Statements = Procedures<typeof import('./resealing-sql.ts')>

class Resealer implements Resealing {
  readonly #sql: Statements
  readonly #options: Options & { readonly sealing: Sealing }
  /** Hexadecimal. */
  readonly #marks: readonly string[]
  readonly #holder = randomUUID()

  constructor(sql: Statements, options: Options & { readonly sealing: Sealing }) {
    this.#sql = sql
    this.#options = options
    this.#marks = options.sealing.marks.map((mark) => mark.toString('hex'))
  }

  async sweep(stopping: AbortSignal): Promise<Sweep> {
    const resealed = new Map<string, number>()
    // With one key there is nothing that it could replace.
    if (this.#marks.length === 1) return { resealed, state: 'done' }
    const known = await this.#sql.progress()
    if (known && this.#isDone(known)) return { resealed, state: 'done' }
    const held = await this.#sql.hold(this.#lease())
    if (!held) return { resealed, state: 'pending' }
    try {
      const fresh: Progress = { mark: this.#marks[0]!, place: null, found: 0, doneAt: null }
      const from = held.mark === fresh.mark ? { ...held, doneAt: null } : fresh
      const { doneAt } = await this.#walk(from, { resealed, stopping })
      return { resealed, state: doneAt === null ? 'pending' : 'finished' }
    } finally {
      await this.#sql.release(this.#holder)
    }
  }

  async strangeKeys(): Promise<ReadonlyMap<string, readonly string[]>> {
    const strange = new Map<string, readonly string[]>()
    for (const { name, order } of this.#options.tables) {
      const ends = { length: markLength, limit: samples }
      const found = await this.#sql.marks({ name, order }, ends)
      const others = found.filter((one) => !this.#marks.includes(one))
      // The version comes first.
      if (others.length > 0) {
        strange.set(
          name,
          others.map((one) => one.slice(2)),
        )
      }
    }
    return strange
  }

  /** Steps until a pass found nothing, or there were enough for now. @returns what is known then */
  async #walk(
    from: Progress,
    { resealed, stopping }: { resealed: Map<string, number>; stopping: AbortSignal },
  ): Promise<Progress> {
    let progress = from
    for (let steps = 0; steps < maxSteps && !stopping.aborted; steps += 1) {
      progress = await this.#step(progress, resealed)
      const isHeld = await this.#sql.save(progress, this.#lease())
      if (!isHeld || progress.doneAt !== null) break
    }
    return progress
  }

  /** Looks at the next rows. */
  async #step(before: Progress, resealed: Map<string, number>): Promise<Progress> {
    const { tables, now } = this.#options
    const { index, after } = before.place ?? { index: 0, after: null }
    const table = tables[index]!
    const { name, order } = table
    const bounds = { after, mark: before.mark, length: markLength, ...perStep }
    const page = await this.#sql.page({ name, order }, bounds)
    const replacements = page.rows.flatMap((row) => this.#replacementOf(table, row) ?? [])
    const count = await this.#sql.replace({ name, order }, replacements, headLength)
    resealed.set(name, (resealed.get(name) ?? 0) + count)
    const found = before.found + replacements.length
    if (page.next) return { ...before, found, place: { index, after: page.next } }
    if (index + 1 < tables.length) {
      return { ...before, found, place: { index: index + 1, after: null } }
    }
    // What was found may have come behind the place where the pass was: only one without a find tells that all is done.
    return { ...before, found: 0, place: null, doneAt: found === 0 ? timeOf(now()) : null }
  }

  /** Nothing for what no key of ours opens: it is left for a key that is found again. */
  #replacementOf({ place }: SealedTable, { values, sealed }: SealedRow): Replacement | null {
    const { sealing } = this.#options
    const bound = place(...values)
    try {
      const renewed = sealing.seal(sealing.open(sealed, bound), bound)
      return { values, head: sealed.slice(0, headLength), sealed: renewed }
    } catch {
      return null
    }
  }

  #isDone({ mark, doneAt }: Progress): boolean {
    const since = this.#options.now() - againMs
    return mark === this.#marks[0] && doneAt !== null && Date.parse(doneAt) > since
  }

  #lease(): Lease {
    const nowMs = this.#options.now()
    return {
      mark: this.#marks[0]!,
      holder: this.#holder,
      now: timeOf(nowMs),
      until: timeOf(nowMs + leaseMs),
    }
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
