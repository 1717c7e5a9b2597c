import { formatClock } from '../parts/time.ts'
import type { EventFrame } from '@switchhook/shared/events'

const shown = 100

/** What happened to a call while the page was open, newest first; each opens to the frame as it came. */
export function CallEvents({ events }: { events: readonly EventFrame[] }) {
  return (
    <section class="events" aria-labelledby="events-title">
      <h3 id="events-title">Events</h3>
      {events.length === 0 && (
        <p class="quiet">None since this page was opened. The next one appears here.</p>
      )}
      <ol>
        {events.slice(0, shown).map((frame) => (
          <li key={frame.seq}>
            <details>
              <summary>
                <time dateTime={frame.time}>{formatClock(frame.time, { millis: true })}</time>
                <span class="event-name">{frame.event}</span>
                <Marks frame={frame} />
                <span class="gist">{gistOf(frame.data.details)}</span>
              </summary>
              <pre tabIndex={0} aria-label={`Frame ${frame.seq}`}>
                {JSON.stringify(frame, null, 2)}
              </pre>
            </details>
          </li>
        ))}
      </ol>
      {events.length > shown && (
        <p class="quiet">
          The last {shown} of {events.length}.
        </p>
      )}
    </section>
  )
}

/** What is unusual about an event. */
export function Marks({ frame: { late, replay } }: { frame: Pick<EventFrame, 'late' | 'replay'> }) {
  return (
    <>
      {late && (
        <span class="mark-word" title="It came after a later state was known">
          late
        </span>
      )}
      {replay && (
        <span class="mark-word" title="From history, after the connection came back">
          replay
        </span>
      )}
    </>
  )
}

/** What is special to an event, in a line. */
export function gistOf(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${String(value)}`)
    .join(' · ')
    .slice(0, 200)
}
