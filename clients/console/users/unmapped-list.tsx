import { Answered } from '../operate/answered.tsx'
import { Moment } from '../operate/moment.tsx'
import { Table } from '../parts/table.tsx'
import type { List } from '../api/list.ts'
import type { Unmapped } from './mapping.ts'

interface UnmappedListProps {
  readonly list: List<Unmapped>
  readonly onMap: (user: Unmapped) => void
}

const headings = ['Who', 'Provider', 'Id', 'Last seen', { unseen: 'Action' }]

/** Who takes calls at a provider and is nobody here; a click away from being somebody. */
export function UnmappedList({ list, onMap }: UnmappedListProps) {
  return (
    <section aria-labelledby="unmapped-title">
      <h2 id="unmapped-title">Not mapped yet</h2>
      <Answered
        answer={list}
        known={list.loaded}
        empty={
          list.items.length === 0 && (
            <p class="quiet">
              Nobody. Who takes a call at a provider and has no user here appears here.
            </p>
          )
        }
      >
        <p class="quiet">They take calls that no agent sees as their own.</p>
        <Table kind="unmapped" label="Provider users without a user here" headings={headings}>
          {list.items.map((user) => (
            <tr key={`${user.provider} ${user.value}`} data-row tabIndex={-1}>
              <td class="long">
                <b>{nameOf(user)}</b> {user.name !== null && user.email}
              </td>
              <td>{user.provider}</td>
              <td class="long">{user.value}</td>
              <td data-label="last seen">
                <Moment time={user.lastSeenAt} />
              </td>
              <td class="action">
                <button type="button" onClick={() => onMap(user)}>
                  Map<span class="unseen"> {nameOf(user)}</span>
                </button>
              </td>
            </tr>
          ))}
        </Table>
        {list.more && (
          <button type="button" class="more" aria-busy={list.loading} onClick={list.loadMore}>
            More
          </button>
        )}
      </Answered>
    </section>
  )
}

const nameOf = ({ name, email, value }: Unmapped): string => name ?? email ?? value
