import { within } from '../within.ts'
import { CodedError } from '@switchhook/shared/errors'
import { Drain, type Revive } from './spool/drain.ts'
import { PatientJournal, type OnAppended } from './spool/patience.ts'
import type { Appended, Journal, NewDelivery } from '@switchhook/shared/journal'
import type { Spool } from './spool/index.ts'

/**
 * Commits one delivery; resolves when it is on disk. From the spool it is accepted, without rows.
 * @throws CodedError `overload`, `shutting_down`, `spool_full`, or without a spool `store_unavailable`
 */
export interface Commit {
  (delivery: NewDelivery): Promise<Appended>
  /** Where deliveries go: into the journal, or behind those that wait in the spool. */
  readonly mode: Mode
  /** Takes nothing new, and finishes what waits within 5 s. What is in the spool stays there. */
  close(): Promise<void>
}

type Mode = 'direct' | 'spool'

/** What stands in for the store while it is away. */
export interface StandIn {
  readonly spool: Spool
  readonly revive: Revive
  /** Told what became of deliveries that were answered before they were in the journal. */
  readonly onAppended: OnAppended
  /** A batch that is not in the journal by then is answered from the spool. */
  readonly storeDeadlineMs?: number
}

interface Watch {
  readonly onBatch: (size: number) => void
  /** Told once for all deliveries of the batch. */
  readonly onFailure: (error: unknown) => void
  readonly standIn?: StandIn
}

interface Waiting {
  readonly delivery: NewDelivery
  resolve(appended: Appended): void
  reject(error: CodedError): void
}

/** What one transaction takes at most: deliveries, and bytes of theirs (or a single delivery that is larger). */
const maxBatch = { deliveries: 200, bytes: 8_388_608 }
/** Beyond this much waiting, new deliveries are refused with 503: the provider still has them. */
const maxWaiting = { deliveries: 10_000, bytes: 268_435_456 }
const retryAfter = 5
const defaultDeadlineMs = 500
const closeMs = 5_000

/**
 * Group commit without a timer: a delivery that comes while a commit is under way shares the next one with all
 * that came meanwhile; one that comes alone is committed at once.
 */
export function groupCommit(journal: Journal, { standIn, ...watch }: Watch): Commit {
  const way = standIn ? new SpooledWay(journal, standIn, watch.onFailure) : new OnlyWay(journal)
  const queue = new Queue()
  let committing: Promise<void> | null = null
  let closing: Promise<void> | null = null

  const commitAll = async (): Promise<void> => {
    for (let batch = queue.take(); batch.length > 0; batch = queue.take()) {
      watch.onBatch(batch.length)
      await way.commit(batch).catch(watch.onFailure)
    }
    committing = null
  }

  const add = (delivery: NewDelivery): Promise<Appended> =>
    new Promise((resolve, reject) => {
      if (closing) return reject(new CodedError('shutting_down', { retryAfter }))
      if (!queue.add({ delivery, resolve, reject })) {
        return reject(new CodedError('overload', { args: [retryAfter], retryAfter }))
      }
      // It settles every promise of its batches itself and never rejects.
      committing ??= commitAll()
    })

  const close = async (): Promise<void> => {
    await within(closeMs, Promise.all([committing, way.close()]))
    for (let batch = queue.take(); batch.length > 0; batch = queue.take()) {
      rejectAll(batch, new CodedError('shutting_down', { retryAfter }))
    }
  }

  const commit = Object.assign(add, { close: () => (closing ??= close()) })
  return Object.defineProperty(commit, 'mode', { get: () => way.mode }) as Commit
}

/** How a batch gets on disk. */
interface Way {
  readonly mode: Mode
  /** Settles every delivery of the batch. @throws what kept the store from accepting it */
  commit(batch: readonly Waiting[]): Promise<void>
  close(): Promise<void>
}

/** Into the journal or not at all. */
class OnlyWay implements Way {
  readonly mode = 'direct'
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  async commit(batch: readonly Waiting[]): Promise<void> {
    try {
      resolveAll(batch, await this.#journal.append(deliveriesOf(batch)))
    } catch (cause) {
      rejectAll(batch, new CodedError('store_unavailable', { retryAfter, cause }))
      throw cause
    }
  }

  async close(): Promise<void> {}
}

/**
 * Into the journal while it answers in time. The first batch that fails goes into the spool, and everything behind
 * it, until the spool is drained: nothing overtakes.
 */
class SpooledWay implements Way {
  mode: Mode = 'direct'
  readonly #spool: Spool
  readonly #journal: PatientJournal
  readonly #drain: Drain
  readonly #deadlineMs: number
  #writing = false
  #closed = false

  constructor(journal: Journal, standIn: StandIn, onFailure: (error: unknown) => void) {
    const { spool, revive, onAppended, storeDeadlineMs = defaultDeadlineMs } = standIn
    this.#spool = spool
    this.#deadlineMs = storeDeadlineMs
    this.#journal = new PatientJournal(journal, (app, appended) => {
      // Nobody listens any more; whoever asks finds it in the journal.
      if (!this.#closed) onAppended(app, appended)
    })
    this.#drain = new Drain({
      spool,
      journal: this.#journal,
      revive,
      onFailure,
      onEmpty: () => {
        // What is being written comes before what comes now.
        if (!this.#writing) this.mode = 'direct'
      },
    })
    if (spool.empty) return
    this.mode = 'spool'
    this.#drain.start()
  }

  async commit(batch: readonly Waiting[]): Promise<void> {
    if (this.mode === 'spool' && this.#drain.nearlyDone) await this.#handOver()
    if (this.mode === 'spool') return this.#keep(batch)
    try {
      resolveAll(batch, await this.#journal.append(deliveriesOf(batch), this.#deadlineMs))
      this.#drain.proven()
    } catch (error) {
      this.mode = 'spool'
      this.#drain.doubted()
      await this.#keep(batch)
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#drain.stop()
    this.#closed = true
  }

  /** Who writes all the time would never find the spool empty: what comes now waits for the last batch in it. */
  async #handOver(): Promise<void> {
    await within(this.#deadlineMs, this.#drain.doneOrHindered())
    if (this.mode === 'spool') this.#drain.doubted()
  }

  async #keep(batch: readonly Waiting[]): Promise<void> {
    this.#writing = true
    const { count, refusal } = await this.#spool.append(deliveriesOf(batch))
    this.#writing = false
    for (const { resolve } of batch.slice(0, count)) resolve({ status: 'accepted', rows: [] })
    if (refusal !== null) {
      const full = new CodedError('spool_full', { args: [refusal, retryAfter], retryAfter })
      rejectAll(batch.slice(count), full)
    }
    this.#drain.start()
  }
}

/** What waits for the next commit, first in, first out. */
class Queue {
  #waiting: Waiting[] = []
  #bytes = 0

  /** @returns false if there is no room */
  add(one: Waiting): boolean {
    const full = this.#waiting.length >= maxWaiting.deliveries || this.#bytes >= maxWaiting.bytes
    if (full) return false
    this.#waiting.push(one)
    this.#bytes += sizeOf(one)
    return true
  }

  /** The next batch; empty when nothing waits. */
  take(): readonly Waiting[] {
    let [count, bytes] = [0, 0]
    for (const one of this.#waiting) {
      if (count === maxBatch.deliveries || (count > 0 && bytes + sizeOf(one) > maxBatch.bytes))
        break
      count += 1
      bytes += sizeOf(one)
    }
    const batch = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    this.#bytes -= bytes
    return batch
  }
}

/** The raw delivery; its events are made of the same bytes. */
function sizeOf({ delivery }: Waiting): number {
  return delivery.sealed.length
}

function deliveriesOf(batch: readonly Waiting[]): NewDelivery[] {
  return batch.map(({ delivery }) => delivery)
}

function resolveAll(batch: readonly Waiting[], appended: readonly Appended[]): void {
  for (const [index, { resolve }] of batch.entries()) resolve(appended[index]!)
}

function rejectAll(batch: readonly Waiting[], error: CodedError): void {
  for (const { reject } of batch) reject(error)
}
