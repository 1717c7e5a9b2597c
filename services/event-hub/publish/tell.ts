import { CodedError } from '@switchhook/shared/errors'
import { orUnavailable } from '../../within.ts'
import type { Appended, NewDelivery } from '@switchhook/shared/journal'
import type { FastifyInstance } from 'fastify'

const retryAfter = 5
/** Deliveries on their way into the journal; beyond, somebody tells more than the store writes. */
const maxUnderWay = 1_000
/** Deliveries that are committed together: those that came while others were written. */
const maxBatch = 100

/**
 * Commits what somebody tells us, and hints at it on the bus: numbered, on disk and on its way to clients like what
 * providers tell. @throws CodedError `overload`; or `unavailable`: then it may be in the journal all the same, and
 * whoever tells it again under the same key is told so
 */
export type Tell = (delivery: NewDelivery) => Promise<Appended>

interface Waiting {
  readonly delivery: NewDelivery
  readonly settled: PromiseWithResolvers<Appended>
}

export function teller({ journal, bus }: Pick<FastifyInstance, 'journal' | 'bus'>): Tell {
  const waiting: Waiting[] = []
  const write = async (batch: readonly Waiting[]): Promise<void> => {
    const deliveries = batch.map(({ delivery }) => delivery)
    const all = await journal.append(deliveries)
    for (const [index, appended] of all.entries()) {
      if (appended.status === 'accepted') bus.publish(deliveries[index]!.app, appended.rows)
      batch[index]!.settled.resolve(appended)
    }
  }
  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch)
      await write(batch).catch((error: unknown) => {
        for (const { settled } of batch) settled.reject(error)
      })
      // Only now: whoever finds somebody waiting need not begin to write, and what is written is under way.
      waiting.splice(0, batch.length)
    }
  }
  return async (delivery) => {
    if (waiting.length >= maxUnderWay) {
      throw new CodedError('overload', { args: [retryAfter], retryAfter })
    }
    const settled = Promise.withResolvers<Appended>()
    if (waiting.push({ delivery, settled }) === 1) void writeAll()
    return orUnavailable(settled.promise)
  }
}
