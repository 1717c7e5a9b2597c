import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { isAway } from './away.ts'
import type { NewDelivery } from '@switchhook/shared/journal'
import type { Portion, Spool, Spooled } from './index.ts'
import type { PatientJournal } from './patience.ts'

/** Makes a delivery of what was kept of it. @throws if that cannot be read any more: it is quarantined then */
export type Revive = (record: Spooled) => NewDelivery

interface DrainOptions {
  readonly spool: Spool
  readonly journal: PatientJournal
  readonly revive: Revive
  readonly onFailure: (error: unknown) => void
  /** Everything is in the journal. Called in the very turn in which that is found. */
  readonly onEmpty: () => void
}

/** A delivery that the store refuses for what is in it. */
interface Refused {
  readonly record: Spooled
  readonly delivery: NewDelivery
  readonly error: unknown
}

/** What one transaction takes of the spool at most; a portion has its own bound of bytes. */
const maxBatch = 200
/** Far above what a store that is there needs for a batch. */
const patienceMs = 10_000
const backoffMs = { first: 250, most: 2_000 }
/** So many deliveries in a row may be refused before one is accepted; beyond, the fault is the store's. */
const maxUnproven = 3

/** Moves the spool into the journal, in order, one batch at a time, for as long as something is in it. */
export class Drain {
  readonly #options: DrainOptions
  readonly #stop = new AbortController()
  #running = false
  #run: Promise<void> = Promise.resolve()
  #step: Promise<void> = Promise.resolve()
  /** Whether the last batch went into the journal without trouble. */
  #keepsUp = false
  /** Quarantined since the store last accepted a delivery. */
  #unproven = 0

  constructor(options: DrainOptions) {
    this.#options = options
  }

  /** Whether it is about to be done: nothing is in the way, and what is left is one batch. */
  get nearlyDone(): boolean {
    return this.#keepsUp && this.#options.spool.records <= maxBatch
  }

  /** Goes on, if it does not already. */
  start(): void {
    if (this.#running || this.#stop.signal.aborted) return
    this.#running = true
    // It never rejects: a failure is told, and tried again.
    this.#run = this.#drain()
  }

  /** Resolves when the spool is empty, or something came in the way. */
  async doneOrHindered(): Promise<void> {
    while (this.#running && this.#keepsUp) await this.#step.catch(() => {})
  }

  /** There was trouble with the store. */
  doubted(): void {
    this.#keepsUp = false
  }

  /** Begins nothing new. Resolves when what was under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#run
  }

  /** The store accepted a delivery by another way. */
  proven(): void {
    this.#unproven = 0
  }

  async #drain(): Promise<void> {
    const { spool, onFailure, onEmpty } = this.#options
    let failures = 0
    while (!spool.empty && !this.#stop.signal.aborted) {
      try {
        await (this.#step = this.#next())
        failures = 0
        this.#keepsUp = true
      } catch (error) {
        this.#keepsUp = false
        onFailure(error)
        if (!spool.accepting) await spool.prepare()
        await this.#pause(failures)
        failures += 1
      }
    }
    this.#running = false
    if (spool.empty) onEmpty()
  }

  async #next(): Promise<void> {
    const { spool } = this.#options
    const portion = await spool.read(maxBatch)
    if (!portion) return
    await this.#settle(portion)
    await spool.drained(portion)
  }

  /** Resolves when all of it is in the journal or set aside. @throws if the store is away */
  async #settle({ records }: Portion): Promise<void> {
    const batch = records.map((record) => this.#revive(record))
    try {
      if (await this.#append(batch)) this.proven()
    } catch (error) {
      if (isAway(error)) throw error
      await this.#settleSingly(records, batch)
    }
  }

  /**
   * One that is refused brings no events, so it may come after the others: it is judged when they have shown that
   * the store takes deliveries at all.
   */
  async #settleSingly(
    records: readonly Spooled[],
    deliveries: readonly NewDelivery[],
  ): Promise<void> {
    const refused: Refused[] = []
    let proven = false
    for (const [index, delivery] of deliveries.entries()) {
      try {
        if (await this.#append([delivery])) proven = true
      } catch (error) {
        if (isAway(error)) throw error
        refused.push({ record: records[index]!, delivery, error })
      }
    }
    if (proven) this.proven()
    else if (this.#unproven + refused.length > maxUnproven) {
      throw new Error('the store refuses every delivery', { cause: refused[0]?.error })
    }
    for (const one of refused) await this.#quarantine(one, proven)
    if (!proven) this.#unproven += refused.length
  }

  async #quarantine({ record, delivery, error }: Refused, proven: boolean): Promise<void> {
    const { spool, onFailure } = this.#options
    const quarantine = reasonOf('store_refused', error)
    const dedupeKey = keyOf(record)
    try {
      await this.#append([{ ...delivery, dedupeKey, events: [], quarantine, digest: null }])
      onFailure(new Error(`delivery ${record.id} was quarantined`, { cause: error }))
    } catch (last) {
      if (!proven || isAway(last)) throw last
      const file = await spool.setAside(record)
      onFailure(new Error(`delivery ${record.id} was refused and is in ${file}`, { cause: last }))
    }
  }

  /** @returns whether the store took a new delivery with events */
  async #append(batch: readonly NewDelivery[]): Promise<boolean> {
    const { journal } = this.#options
    const appended = await journal.append(batch, patienceMs)
    journal.tell(batch, appended)
    return appended.some((one) => one.status === 'accepted')
  }

  #revive(record: Spooled): NewDelivery {
    try {
      return this.#options.revive(record)
    } catch (error) {
      this.#options.onFailure(error)
      const quarantine = reasonOf('not_readable', error)
      return { ...record, dedupeKey: keyOf(record), events: [], quarantine, digest: null }
    }
  }

  async #pause(failures: number): Promise<void> {
    const ms = Math.min(backoffMs.most, backoffMs.first * 2 ** failures) * (1 - Math.random() / 2)
    await setTimeout(ms, undefined, { signal: this.#stop.signal }).catch(() => {})
  }
}

function reasonOf(word: string, error: unknown): string {
  const { message } = error instanceof Error ? error : new Error(String(error))
  return `${word}: ${message}`.slice(0, 500)
}

/** One that is drained twice is the same one. */
function keyOf({ sealed }: Spooled): string {
  return `sha256:${createHash('sha256').update(sealed).digest('hex')}`
}
