import { formatClock } from '../parts/time.ts'
import type { EventFrame } from '@switchhook/shared/events'

interface Line {
  readonly seq: number
  readonly time: string
  readonly role: string | null
  readonly text: string
  /** It may still change. */
  readonly partial: boolean
}

/** What was said, as far as it is written down; it grows while people talk. */
export function Transcript({ timeline }: { timeline: readonly EventFrame[] }) {
  const lines = linesIn(timeline)
  if (lines.length === 0) return null
  return (
    <section aria-labelledby="transcript-title">
      <h2 id="transcript-title">Transcript</h2>
      <ol class="transcript">
        {lines.map(({ seq, time, role, text, partial }) => (
          <li key={seq} class={partial ? 'partial' : ''}>
            <time dateTime={time}>{formatClock(time)}</time>
            {role !== null && <b>{role}</b>}
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** What is final, the last guess of what is being said; without these, what was saved as a whole. */
function linesIn(timeline: readonly EventFrame[]): Line[] {
  const finals = linesOf(timeline, 'transcript-final')
  const guess = linesOf(timeline, 'transcript-partial').at(-1)
  const growing = guess && guess.seq > (finals.at(-1)?.seq ?? 0) ? [...finals, guess] : finals
  return growing.length > 0 ? growing : linesOf(timeline, 'transcript-saved').slice(-1)
}

function linesOf(timeline: readonly EventFrame[], name: string): Line[] {
  return timeline.flatMap(({ event, seq, time, data: { details } }) => {
    const { text, role } = details
    if (event !== name || typeof text !== 'string' || text === '') return []
    const partial = name === 'transcript-partial'
    return [{ seq, time, role: typeof role === 'string' ? role : null, text, partial }]
  })
}
