import { providers } from '../operate/providers.ts'
import { Fields, PartyFields, SelectField, setter, SpanFields } from '../parts/fields.tsx'
import { refine } from '../route.ts'
import { rangeOf, ranges, timesOf } from './range.ts'
import type { FiltersProps } from '../parts/fields.tsx'

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
const labels = { from: 'From', to: 'To' } as const

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
  return (
    <Fields label="Filter calls">
      <PartyFields query={query} search={search} />
      <SelectField label="Began" value={rangeOf(query)} options={ranges} onValue={setRange} />
      {rangeOf(query) === 'custom' && <SpanFields query={query} labels={labels} />}
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
