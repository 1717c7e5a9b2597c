import { Duration, nameOf } from '../live/cells.tsx'
import { Fact } from '../live/call-panel.tsx'
import { formatClock, formatMoment } from '../parts/time.ts'
import type { CallRecord, LegRecord } from '@switchhook/shared/projections'

const moments = [
  ['Initiated', 'initiated_at'],
  ['Ringing', 'ringing_at'],
  ['Answered', 'answered_at'],
  ['Ended', 'ended_at'],
] as const

/** What is known of a call. */
export function Facts({ call }: { call: CallRecord }) {
  const { direction, agent, queue, provider, provider_ids, reason, id } = call
  return (
    <section aria-label="What is known">
      <dl class="facts">
        <Fact name="For">
          <Duration record={call} />
        </Fact>
        {agent && <Fact name="Agent">{nameOf(agent)}</Fact>}
        {queue !== null && <Fact name="Queue">{queue}</Fact>}
        <Fact name="Direction">{direction ?? 'not known'}</Fact>
        <Fact name="Provider">{provider}</Fact>
        {reason !== null && <Fact name="Reason">{reason}</Fact>}
        {moments.map(([name, field]) => {
          const time = call[field]
          return (
            time !== null && (
              <Fact key={name} name={name}>
                <time dateTime={time}>{formatMoment(time)}</time>
              </Fact>
            )
          )
        })}
        <Fact name="Call id">
          <code>{id}</code>
        </Fact>
        {Object.entries(provider_ids).map(([name, value]) => (
          <Fact key={name} name={name}>
            <code>{value}</code>
          </Fact>
        ))}
      </dl>
    </section>
  )
}

/** The legs, each with how far it came and when. */
export function Legs({ legs }: { legs: readonly LegRecord[] }) {
  if (legs.length === 0) return null
  return (
    <section aria-labelledby="legs-title">
      <h2 id="legs-title">Legs</h2>
      <ul class="legs">
        {legs.map((leg) => (
          <li key={leg.id}>
            <code>{leg.id}</code> <b>{leg.phase}</b>
            <span class="quiet">
              {moments
                .filter(([, field]) => leg[field] !== null)
                .map(([name, field]) => `${name.toLowerCase()} ${formatClock(leg[field]!)}`)
                .join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
