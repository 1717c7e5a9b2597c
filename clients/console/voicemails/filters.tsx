import { Fields, PartyFields, SelectField, setter, SpanFields } from '../parts/fields.tsx'
import type { FiltersProps } from '../parts/fields.tsx'

const standings = [
  ['', 'Not heard'],
  ['true', 'Heard'],
  ['all', 'All'],
] as const

const labels = { from: 'Left from', to: 'Left before' } as const

/** What is looked for; it is in the address, so that it can be shared. */
export function Filters({ query, search }: FiltersProps) {
  return (
    <Fields label="Filter voicemails">
      <SelectField
        label="Show"
        value={query.get('heard') ?? ''}
        options={standings}
        onValue={setter('heard')}
      />
      <PartyFields query={query} search={search} />
      <SpanFields query={query} labels={labels} />
      {query.has('call') && (
        <p class="field">
          Of one call
          <button type="button" onClick={() => setter('call')('')}>
            Show those of all calls
          </button>
        </p>
      )}
    </Fields>
  )
}
