import { Standing, type Tone } from '../operate/standing.tsx'
import { Table } from '../parts/table.tsx'
import { formatClock, formatDuration, hubNow, useSeconds } from '../parts/time.ts'
import type { Traced } from './traces.ts'

interface TracedTableProps {
  readonly traced: readonly Traced[]
  readonly onEnd: (aor: string) => void
}

const tones: Readonly<Record<Traced['state'], Tone>> = {
  active: 'well',
  ended: 'over',
  full: 'wrong',
}

const headings = [
  'User',
  'State',
  'Until',
  { number: 'Messages' },
  'By',
  { unseen: 'What can be done' },
]

/** The users who are traced, or were until an hour ago. */
export function TracedTable({ traced, onEnd }: TracedTableProps) {
  useSeconds()
  if (traced.length === 0) return null
  return (
    <section aria-labelledby="traced-title">
      <h2 id="traced-title">Users</h2>
      <Table titleId="traced-title" headings={headings}>
        {traced.map((one) => (
          <tr key={one.startedAt} class={one.state === 'active' ? '' : 'over'}>
            <td class="long">{one.aor}</td>
            <td>
              <Standing tone={tones[one.state]} word={one.state} />
            </td>
            <td>
              <Until traced={one} />
            </td>
            <td class="number" data-label="messages">
              {one.messages}
              {one.dropped > 0 && <span class="mistaken"> ({one.dropped} lost)</span>}
            </td>
            <td data-label="by">{one.by}</td>
            <td class="action">
              {one.state === 'active' && (
                <button type="button" onClick={() => onEnd(one.aor)}>
                  End <span class="unseen">the trace of {one.aor}</span>
                </button>
              )}
            </td>
          </tr>
        ))}
      </Table>
    </section>
  )
}

function Until({ traced: { state, until } }: { traced: Traced }) {
  const left = Date.parse(until) - hubNow()
  return (
    <>
      <time dateTime={until}>{formatClock(until)}</time>
      {state === 'active' && left > 0 && <span class="quiet"> · {formatDuration(left)} left</span>}
    </>
  )
}
