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

/** What one transaction takes at most. */
const maxBatch = 200
/** Beyond this many waiting, new deliveries are refused with 503: the provider still has them. */
const maxWaiting = 10_000
const retryAfter = 5

/**
 * Group commit without a timer: a delivery that comes while a commit is under way shares the next one with all
 * that came meanwhile; one that comes alone is committed at once.
 */
export function groupCommit(journal: Journal, { onBatch, onFailure }: Watch): Commit {
  let waiting: Waiting[] = []
  let committing = false

  const commitAll = async (): Promise<void> => {
    committing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch)
      waiting = waiting.slice(maxBatch)
      onBatch(batch.length)
      await commitBatch(journal, batch).catch(onFailure)
    }
    committing = false
  }

  return (delivery) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) {
        return reject(new CodedError('overload', { args: [retryAfter], retryAfter }))
      }
      waiting.push({ delivery, resolve, reject })
      // It settles every promise of its batches itself and never rejects.
      if (!committing) void commitAll()
    })
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
