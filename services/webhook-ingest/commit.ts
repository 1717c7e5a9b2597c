import { CodedError } from '@switchhook/shared/errors'
import type { Appended, Journal, NewDelivery } from '@switchhook/shared/journal'

/** Commits one delivery; resolves when it is on disk. @throws CodedError `overload` or `store_unavailable` */
export type Commit = (delivery: NewDelivery) => Promise<Appended>

interface Waiting {
  readonly delivery: NewDelivery
  resolve(appended: Appended): void
  reject(error: CodedError): void
}

interface Watch {
  readonly onBatch: (size: number) => void
  /** Told once for all deliveries of the batch. */
  readonly onFailure: (error: unknown) => void
}

/** What one transaction takes at most: deliveries, and bytes of theirs (or a single delivery that is larger). */
const maxBatch = { deliveries: 200, bytes: 8_388_608 }
/** Beyond this much waiting, new deliveries are refused with 503: the provider still has them. */
const maxWaiting = { deliveries: 10_000, bytes: 268_435_456 }
const retryAfter = 5

/**
 * Group commit without a timer: a delivery that comes while a commit is under way shares the next one with all
 * that came meanwhile; one that comes alone is committed at once.
 */
export function groupCommit(journal: Journal, { onBatch, onFailure }: Watch): Commit {
  const queue = new Queue()
  let committing = false

  const commitAll = async (): Promise<void> => {
    committing = true
    for (let batch = queue.take(); batch.length > 0; batch = queue.take()) {
      onBatch(batch.length)
      await commitBatch(journal, batch).catch(onFailure)
    }
    committing = false
  }

  return (delivery) =>
    new Promise((resolve, reject) => {
      if (!queue.add({ delivery, resolve, reject })) {
        return reject(new CodedError('overload', { args: [retryAfter], retryAfter }))
      }
      // It settles every promise of its batches itself and never rejects.
      if (!committing) void commitAll()
    })
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

/** Settles every delivery of the batch. @throws what kept the store from accepting it */
async function commitBatch(journal: Journal, batch: readonly Waiting[]): Promise<void> {
  try {
    const appended = await journal.append(batch.map(({ delivery }) => delivery))
    for (const [index, { resolve }] of batch.entries()) resolve(appended[index]!)
  } catch (cause) {
    for (const { reject } of batch) {
      reject(new CodedError('store_unavailable', { retryAfter, cause }))
    }
    throw cause
  }
}
