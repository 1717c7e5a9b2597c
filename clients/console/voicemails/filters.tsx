import type { RefObject } from 'preact'
import { fieldOf, isoOf } from '../calls/range.ts'
import { Fields, SelectField, TextField, TimeField } from '../parts/fields.tsx'
import { refine } from '../route.ts'

interface FiltersProps {
  readonly query: URLSearchParams
  /** Where `/` leads. */
  readonly search: RefObject<HTMLInputElement | null>
}

const standings = [
  ['', 'Not heard'],
  ['true', 'Heard'],
  ['all', 'All'],
] as const

const set = (name: string) => (value: string) => refine({ [name]: value })

/** What is looked for; it is in the address, so that it can be shared. */
export function Filters({ query, search }: FiltersProps) {
  const value = (name: string): string => query.get(name) ?? ''
  return (
    <Fields label="Filter voicemails">
      <SelectField label="Show" value={value('heard')} options={standings} onValue={set('heard')} />
      <TextField
        label="Number"
        placeholder="+1 202 555…"
        field={search}
        value={value('number')}
        onValue={set('number')}
      />
      <TextField
        label="Agent"
        placeholder="e-mail or id"
        value={value('agent')}
        onValue={set('agent')}
      />
      {(['from', 'to'] as const).map((name) => (
        <TimeField
          key={name}
          label={name === 'from' ? 'Left from' : 'Left before'}
          value={fieldOf(query.get(name))}
          onValue={(text) => set(name)(isoOf(text))}
        />
      ))}
      {query.has('call') && (
        <p class="field">
          Of one call
          <button type="button" onClick={() => set('call')('')}>
            Show those of all calls
          </button>
        </p>
      )}
    </Fields>
  )
}
