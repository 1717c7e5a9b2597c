import { CodedError } from '@switchhook/shared/errors'
import type { Appended, NewDelivery } from '@switchhook/shared/journal'
import type { FastifyInstance } from 'fastify'

const retryAfter = 5
/** A store that does not answer by then is taken for away. */
const deadlineMs = 5_000
/** Deliveries on their way into the journal; beyond, somebody tells more than the store writes. */
const maxUnderWay = 1_000

/**
 * Commits what somebody tells us, and hints at it on the bus: numbered, on disk and on its way to clients like what
 * providers tell. @throws CodedError `overload`; or `unavailable`: then it may be in the journal all the same, and
 * whoever tells it again under the same key is told so
 */
export type Tell = (delivery: NewDelivery) => Promise<Appended>

export function teller({ journal, bus }: Pick<FastifyInstance, 'journal' | 'bus'>): Tell {
  let underWay = 0
  return async (delivery) => {
    if (underWay >= maxUnderWay) {
      throw new CodedError('overload', { args: [retryAfter], retryAfter })
    }
    underWay += 1
    const appending = journal.append([delivery]).finally(() => (underWay -= 1))
    const [appended] = await orUnavailable(appending)
    if (appended!.status === 'accepted') bus.publish(delivery.app, appended!.rows)
    return appended!
  }
}

/** What the store answers in time. @throws CodedError `unavailable` */
export async function orUnavailable<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('the store does not answer')), deadlineMs)
  try {
    return await Promise.race([answer, late.promise])
  } catch (cause) {
    throw new CodedError('unavailable', { args: ['The store', retryAfter], retryAfter, cause })
  } finally {
    clearTimeout(timer)
  }
}
