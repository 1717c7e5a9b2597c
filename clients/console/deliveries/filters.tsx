import type { RefObject } from 'preact'
import { providers } from '../operate/providers.ts'
import { statuses } from './words.ts'

interface FiltersProps {
  readonly query: URLSearchParams
  readonly first: RefObject<HTMLSelectElement | null>
  readonly onChange: (values: Readonly<Record<string, string>>) => void
}

/** Which deliveries are listed; it is in the address, so that a link shows the same. */
export function Filters({ query, first, onChange }: FiltersProps) {
  return (
    <>
      <label class="choice">
        <span>Status</span>
        <select
          ref={first}
          value={query.get('status') ?? ''}
          onChange={({ currentTarget }) => onChange({ status: currentTarget.value })}
        >
          <Choices words={statuses} />
        </select>
      </label>
      <label class="choice">
        <span>Provider</span>
        <select
          value={query.get('provider') ?? ''}
          onChange={({ currentTarget }) => onChange({ provider: currentTarget.value })}
        >
          <Choices words={providers} />
        </select>
      </label>
    </>
  )
}

function Choices({ words }: { words: readonly string[] }) {
  return (
    <>
      <option value="">any</option>
      {words.map((word) => (
        <option key={word} value={word}>
          {word}
        </option>
      ))}
    </>
  )
}
