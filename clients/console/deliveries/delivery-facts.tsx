import { Moment } from '../operate/moment.tsx'
import { meaningOf } from './words.ts'
import type { KeptDelivery, Rerun } from './delivery.ts'

interface DeliveryFactsProps {
  readonly kept: KeptDelivery
  /** What became of it when it was run again from here. */
  readonly rerun: Rerun | null
}

/** What became of a delivery, and why. */
export function DeliveryFacts({ kept, rerun }: DeliveryFactsProps) {
  const { status, reason, receivedAt, events } = kept
  return (
    <>
      <p class="lead">{meaningOf(status).text}</p>
      <dl class="facts">
        {reason !== null && (
          <div>
            <dt>Why</dt>
            <dd>{reason}</dd>
          </div>
        )}
        <div>
          <dt>Received</dt>
          <dd>
            <Moment time={receivedAt} />
          </dd>
        </div>
        <div>
          <dt>Events</dt>
          <dd>
            {events.length === 0 && 'none'}
            <ul>
              {events.map((event) => (
                <li key={event}>
                  <code>{event}</code>
                </li>
              ))}
            </ul>
          </dd>
        </div>
      </dl>
      <p class="outcome" role="status">
        {rerun && `Run again: ${outcomeOf(rerun)}`}
      </p>
    </>
  )
}

function outcomeOf({ status, events }: Rerun): string {
  const made = `${events.length} ${events.length === 1 ? 'event' : 'events'}`
  if (status === 'accepted') return `it is understood now, ${made} joined the log.`
  if (status === 'quarantined') return 'it still cannot be read.'
  return `nothing new, ${made} of it ${events.length === 1 ? 'is' : 'are'} in the log already.`
}
