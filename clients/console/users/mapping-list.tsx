import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import { FilterField } from '../operate/filter-field.tsx'
import { Answered } from '../operate/answered.tsx'
import { Table } from '../parts/table.tsx'
import { amend, queryWith, type Route } from '../route.ts'
import { kinds, selectMappings, type Mapping } from './mapping.ts'
import type { List } from '../api/list.ts'

interface MappingListProps {
  readonly list: List<Mapping>
  readonly filter: RefObject<HTMLInputElement | null>
  readonly route: Route
  readonly onAdd: () => void
  readonly onPaste: () => void
  readonly onEdit: (mapping: Mapping) => void
  readonly onRemove: (mapping: Mapping) => void
}

/** So many are fetched without being asked for: the filter looks through what was fetched. */
const fetched = 2_000
/** More rows than this nobody reads; the filter makes them fewer. */
const shown = 200

/** What is mapped to whom. */
export function MappingList(props: MappingListProps) {
  const { list, filter, route, onAdd, onPaste } = props
  const words = route.query.get('q') ?? ''
  const found = selectMappings(list.items, words)
  useEffect(() => {
    if (list.items.length < fetched) list.loadMore()
  }, [list.next])
  return (
    <section aria-labelledby="mapped-title">
      <div class="section-head">
        <h2 id="mapped-title">Mapped</h2>
        <FilterField
          field={filter}
          label="Filter mappings"
          value={words}
          onInput={(q) => amend({ ...route, query: queryWith(route.query, { q }) })}
        />
        <button type="button" onClick={onAdd}>
          Add
        </button>
        <button type="button" onClick={onPaste}>
          Paste many…
        </button>
      </div>
      <Answered
        answer={list}
        known={list.loaded}
        empty={found.length === 0 && <Nobody words={words} />}
      >
        <MappingTable {...props} mappings={found.slice(0, shown)} />
        {found.length > shown && (
          <p class="quiet">
            The newest {shown} of {found.length}: a filter shows the others.
          </p>
        )}
        {list.more && list.items.length >= fetched && (
          <button type="button" class="more" aria-busy={list.loading} onClick={list.loadMore}>
            Look through older ones too
          </button>
        )}
      </Answered>
    </section>
  )
}

function Nobody({ words }: { words: string }) {
  if (words !== '') return <p>No mapping matches “{words}”.</p>
  return (
    <p>
      Nobody is mapped yet. Say which provider users, phone numbers and SIP users are whose, and
      agents see their own calls.
    </p>
  )
}

type TableProps = Pick<MappingListProps, 'onEdit' | 'onRemove'> & {
  readonly mappings: readonly Mapping[]
}

const headings = ['Kind', 'Value', 'User', 'Team', { unseen: 'Action' }]

function MappingTable({ mappings, onEdit, onRemove }: TableProps) {
  return (
    <Table kind="mappings" label="Mappings, the newest first" headings={headings}>
      {mappings.map((mapping) => {
        const { id, kind, provider, value, sub, team } = mapping
        return (
          <tr key={id} data-row tabIndex={-1}>
            <td>
              {kinds[kind].title} {provider !== null && <span class="quiet">{provider}</span>}
            </td>
            <td class="long">{value}</td>
            <td class="long" data-label="user">
              <b>{sub}</b>
            </td>
            <td data-label="team">{team ?? ''}</td>
            <td class="action">
              <button type="button" onClick={() => onEdit(mapping)}>
                Edit<span class="unseen"> {value}</span>
              </button>
              <button type="button" onClick={() => onRemove(mapping)}>
                Remove<span class="unseen"> {value}</span>
              </button>
            </td>
          </tr>
        )
      })}
    </Table>
  )
}
