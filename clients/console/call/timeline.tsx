import { useState } from 'preact/hooks'
import { useSession } from '../session/session.ts'
import { gistOf, Marks } from '../live/call-events.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { formatClock, formatOffset } from '../parts/time.ts'
import { hrefOf } from '../route.ts'
import type { EventFrame } from '@switchhook/shared/events'
import type { Store } from '../store.ts'
import type { WholeCall } from './follow.ts'

interface TimelineProps {
  readonly call: WholeCall
  readonly store: Store | null
}

/** Everything that happened to a call, oldest first; each event opens to the frame as clients get it. */
export function Timeline({ call: { timeline, timeline_truncated }, store }: TimelineProps) {
  const begin = timeline[0]?.time
  return (
    <section class="events timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">Timeline</h2>
      {timeline_truncated && (
        <p class="quiet">
          These are the newest {timeline.length}: the others are at <code>/events</code> of the
          call.
        </p>
      )}
      <ol>
        {timeline.map((frame) => (
          <Entry
            key={frame.seq}
            frame={frame}
            begin={begin}
            arrivedAt={store?.arrivedAt.get(frame)}
          />
        ))}
      </ol>
    </section>
  )
}

interface EntryProps {
  readonly frame: EventFrame
  /** When the first event happened. */
  readonly begin: string | undefined
  /** When it came to this page, by the hub's clock; not known of what was before. */
  readonly arrivedAt: number | undefined
}

function Entry({ frame, begin, arrivedAt }: EntryProps) {
  const [open, setOpen] = useState(false)
  const { time, event, data, late, stale } = frame
  // That it comes from history goes without saying here.
  const marks = late ? { late } : {}
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <time dateTime={time}>{formatClock(time, { millis: true })}</time>
          <span class="event-name">{event}</span>
          <span class="marks">
            <Marks frame={marks} />
            {stale && <span class="mark-word">stale</span>}
          </span>
          <span class="offset">
            {begin && !late && formatOffset(Date.parse(time) - Date.parse(begin))}
          </span>
          <span class="gist">{gistOf(data.details)}</span>
        </summary>
        {open && <Frame frame={frame} arrivedAt={arrivedAt} />}
      </details>
    </li>
  )
}

function Frame({ frame, arrivedAt }: Pick<EntryProps, 'frame' | 'arrivedAt'>) {
  const text = JSON.stringify(frame, null, 2)
  const { raw_ref: delivery, raw_type: said } = frame.data
  const { secret } = useSession()
  const receivedAt = timeOf(delivery)
  return (
    <>
      <dl class="stages">
        <div>
          <dt>Provider</dt>
          <dd>
            {formatClock(frame.time, { millis: true })} {said !== '' && <code>{said}</code>}
          </dd>
        </div>
        {receivedAt !== null && (
          <div>
            <dt>Received</dt>
            <dd title="From the provider's clock to ours; clocks differ">
              {formatOffset(receivedAt - Date.parse(frame.time))}
            </dd>
          </div>
        )}
        <div>
          <dt>Here</dt>
          <dd>
            {arrivedAt === undefined ? (
              <span class="quiet">was before this page</span>
            ) : (
              <span title="From the provider's clock to this page; clocks differ">
                {formatOffset(arrivedAt - Date.parse(frame.time))}
              </span>
            )}
          </dd>
        </div>
        {delivery !== '' && (
          <div>
            <dt>Delivery</dt>
            <dd>
              {secret ? (
                <a href={hrefOf({ page: 'deliveries', id: delivery })}>
                  <code>{delivery}</code>
                </a>
              ) : (
                <code>{delivery}</code>
              )}
            </dd>
          </div>
        )}
      </dl>
      <div class="code">
        <pre tabIndex={0} aria-label={`Frame ${frame.seq}`}>
          {text}
        </pre>
        <CopyButton text={text} />
      </div>
    </>
  )
}

/** Ids of deliveries begin with when they came, Unix milliseconds (RFC 9562 §5.7); null if it is no such id. */
function timeOf(delivery: string): number | null {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(delivery) ?? []
  return high === undefined ? null : parseInt(`${high}${low}`, 16)
}
