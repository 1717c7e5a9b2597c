import type { RefObject } from 'preact'
import { providers } from '../operate/providers.ts'
import { Fields, SelectField, TextField, TimeField } from '../parts/fields.tsx'
import { refine } from '../route.ts'
import { fieldOf, isoOf, rangeOf, ranges, timesOf } from './range.ts'

interface FiltersProps {
  readonly query: URLSearchParams
  /** Where `/` leads. */
  readonly search: RefObject<HTMLInputElement | null>
}

const states = [
  ['', 'Any'],
  ['live', 'Live'],
  ['ended', 'Ended'],
] as const
const directions = [
  ['', 'Both'],
  ['inbound', 'Inbound'],
  ['outbound', 'Outbound'],
] as const
const told = [['', 'Any'], ...providers.map((name) => [name, name] as const)] as const

const setter = (name: string) => (text: string) => refine({ [name]: text })

/** What is looked for; it is in the address, so that it can be shared. */
export function Filters({ query, search }: FiltersProps) {
  const value = (name: string): string => query.get(name) ?? ''
  const setRange = (range: string): void => {
    if (range !== 'custom') return refine({ range, from: '', to: '' })
    const { from } = timesOf(query, Date.now())
    refine({
      range: '',
      from: from || timesOf(new URLSearchParams('range=today'), Date.now()).from,
    })
  }
  const custom = rangeOf(query) === 'custom'
  return (
    <Fields label="Filter calls">
      <TextField
        label="Number"
        placeholder="+1 202 555…"
        field={search}
        value={value('number')}
        onValue={setter('number')}
      />
      <TextField
        label="Agent"
        placeholder="e-mail or id"
        value={value('agent')}
        onValue={setter('agent')}
      />
      <SelectField label="Began" value={rangeOf(query)} options={ranges} onValue={setRange} />
      {custom &&
        (['from', 'to'] as const).map((name) => (
          <TimeField
            key={name}
            label={name === 'from' ? 'From' : 'To'}
            value={fieldOf(query.get(name))}
            onValue={(text) => refine({ [name]: isoOf(text) })}
          />
        ))}
      <SelectField
        label="State"
        value={value('state')}
        options={states}
        onValue={setter('state')}
      />
      <SelectField
        label="Direction"
        value={value('direction')}
        options={directions}
        onValue={setter('direction')}
      />
      <SelectField
        label="Provider"
        value={value('provider')}
        options={told}
        onValue={setter('provider')}
      />
    </Fields>
  )
}
