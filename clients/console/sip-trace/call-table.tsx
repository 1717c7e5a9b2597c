import { Moment } from '../operate/moment.tsx'
import { formatAddress } from '../parts/address.ts'
import { Table } from '../parts/table.tsx'
import { hrefOf } from '../route.ts'
import type { TracedCall } from './traces.ts'

interface CallTableProps {
  readonly calls: readonly TracedCall[]
  /** Whether somebody is traced now. */
  readonly isActive: boolean
}

const headings = ['Began', 'What', 'From', 'To', 'Upstream', { number: 'Messages' }, 'Call-ID']

/** Calls that were written down, the newest first. */
export function CallTable({ calls, isActive }: CallTableProps) {
  if (calls.length === 0) return <Empty isActive={isActive} />
  return (
    <section aria-labelledby="written-title">
      <h2 id="written-title">Written down</h2>
      <Table titleId="written-title" headings={headings}>
        {calls.map(({ call, method, from, to, upstream, startedAt, messages }) => (
          <tr key={call}>
            <td>
              <a data-row href={hrefOf({ page: 'sip-trace', id: call })}>
                <Moment time={startedAt} />
              </a>
            </td>
            <td>
              <b>{method}</b>
            </td>
            <td class="long">{nameOf(from)}</td>
            <td class="long" data-label="to">
              {nameOf(to)}
            </td>
            <td>{upstream}</td>
            <td class="number" data-label="messages">
              {messages}
            </td>
            <td class="long">
              <code>{call}</code>
            </td>
          </tr>
        ))}
      </Table>
    </section>
  )
}

function nameOf(aor: string): string {
  return aor === '' ? '–' : formatAddress(aor)
}

function Empty({ isActive }: { isActive: boolean }) {
  return (
    <div class="empty">
      <h2>{isActive ? 'Nothing has passed yet' : 'Nothing is written down'}</h2>
      <p>
        {isActive
          ? 'The next message of the user appears here by itself: let the phone register anew, or make a call.'
          : 'Name a user above, or choose one of those who are registered. Then its next call appears here as a ladder.'}
      </p>
      {!isActive && <a href={hrefOf({ page: 'registrations' })}>Who is registered</a>}
    </div>
  )
}
