import type { RefObject } from 'preact'
import { Shape } from '../parts/shapes.tsx'
import { formatAge, formatClock, hubNow, useSeconds } from '../parts/time.ts'
import type { Counts } from './select.ts'

interface CountersProps {
  /** Null while it is not known. */
  readonly counts: Counts | null
  readonly providers: ReadonlyMap<string, number>
  /** When it was all true for the last time; null while it is. */
  readonly asOf: number | null
  readonly filter: string
  readonly onFilter: (filter: string) => void
  readonly search: RefObject<HTMLInputElement | null>
}

const counters = [
  { name: 'ringing', look: 'ringing' },
  { name: 'answered', look: 'answered' },
  { name: 'held', look: 'held' },
  { name: 'waiting', look: 'queued' },
] as const

/** The head of the board: how many calls are how, and the filter. A number is a filter, too. */
export function Counters({ counts, providers, asOf, filter, onFilter, search }: CountersProps) {
  return (
    <div class="counters">
      <p class="total">
        <b>{counts?.live ?? '–'}</b> live
      </p>
      {counters.map(({ name, look }) => (
        <button
          key={name}
          type="button"
          class={`counter ${look} ${counts?.[name] ? '' : 'none'}`}
          aria-pressed={filter === name}
          onClick={() => onFilter(filter === name ? '' : name)}
        >
          <Shape look={look} />
          <b>{counts?.[name] ?? '–'}</b> {name}
        </button>
      ))}
      {asOf === null ? (
        <Providers providers={providers} />
      ) : (
        <p class="as-of">as of {formatClock(new Date(asOf).toISOString())}</p>
      )}
      <label class="filter">
        <span class="unseen">Filter calls</span>
        <input
          ref={search}
          type="search"
          placeholder="Filter"
          value={filter}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => onFilter(currentTarget.value)}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
    </div>
  )
}

/** When each provider was last heard of. */
function Providers({ providers }: { providers: ReadonlyMap<string, number> }) {
  useSeconds()
  return (
    <ul class="providers" aria-label="Providers, and how long ago their last event was">
      {[...providers].map(([name, at]) => (
        <li key={name}>
          {name} <span class="age">{formatAge(hubNow() - at)}</span>
        </li>
      ))}
    </ul>
  )
}
