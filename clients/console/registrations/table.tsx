import { formatAddress } from '../parts/address.ts'
import { Table } from '../parts/table.tsx'
import { formatDuration, hubNow, useSeconds } from '../parts/time.ts'
import { hrefOf } from '../route.ts'
import { canonicalAor, type Traced } from '../sip-trace/traces.ts'
import { remainingMs, type Registration } from './registration.ts'

interface RegistrationTableProps {
  readonly items: readonly Registration[]
  /** Those who are traced now. */
  readonly traced: readonly Traced[]
  readonly onTrace: (aor: string) => void
}

const headings = [
  'User',
  'Expires in',
  'Contact',
  'Client',
  'Address',
  'Upstream',
  { unseen: 'What can be done' },
]

/** Who is registered, where from, and for how long. */
export function RegistrationTable({ items, traced, onTrace }: RegistrationTableProps) {
  useSeconds()
  const now = hubNow()
  return (
    <Table label="Registrations" headings={headings}>
      {items.map((one) => (
        <tr key={`${one.upstream} ${one.aor} ${one.contact}`} data-row tabIndex={-1}>
          <td class="long">
            <b>{formatAddress(one.aor)}</b>
          </td>
          <td>
            <Expiry leftMs={remainingMs(one, now)} ofMs={one.grantedSeconds * 1_000} />
          </td>
          <td class="long contact">
            <code>{one.contact}</code>
          </td>
          <td class="long">{one.userAgent}</td>
          <td data-label="from">{one.address}</td>
          <td data-label="at">{one.upstream}</td>
          <td class="action">
            <TraceAction {...{ one, traced, onTrace }} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

type TraceActionProps = Pick<RegistrationTableProps, 'traced' | 'onTrace'> & {
  readonly one: Registration
}

function TraceAction({ one: { aor }, traced, onTrace }: TraceActionProps) {
  if (traced.some((trace) => trace.aor === canonicalAor(aor))) {
    return <a href={hrefOf({ page: 'sip-trace' })}>traced</a>
  }
  return (
    <button type="button" onClick={() => onTrace(aor)}>
      Trace for 10 min<span class="unseen">: {aor}</span>
    </button>
  )
}

/** A ring that empties, and the time in digits. */
function Expiry({ leftMs, ofMs }: { leftMs: number; ofMs: number }) {
  const part = ofMs === 0 ? 0 : Math.min(1, leftMs / ofMs)
  const tone = leftMs === 0 ? 'over' : part < 0.1 ? 'soon' : 'well'
  return (
    <span class={`expiry ${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6" />
        <circle class="left" cx="8" cy="8" r="6" pathLength={1} stroke-dasharray={`${part} 1`} />
      </svg>
      {leftMs === 0 ? 'over' : formatDuration(leftMs)}
    </span>
  )
}
