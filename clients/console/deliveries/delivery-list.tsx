import { Moment } from '../operate/moment.tsx'
import { Standing } from '../operate/standing.tsx'
import { Table } from '../parts/table.tsx'
import { hrefOf } from '../route.ts'
import { meaningOf } from './words.ts'
import type { Delivery } from './delivery.ts'

interface DeliveryListProps {
  readonly items: readonly Delivery[]
  readonly query: URLSearchParams
  readonly open: string | null
}

const headings = ['Received', 'Provider', 'Status', 'Why', { number: 'Bytes' }]

/** Deliveries, the latest first. */
export function DeliveryList({ items, query, open }: DeliveryListProps) {
  return (
    <Table label="Deliveries, the latest first" headings={headings}>
      {items.map(({ id, receivedAt, provider, status, reason, bytes }) => (
        <tr key={id} class={id === open ? 'open' : ''}>
          <td>
            <a
              id={rowId(id)}
              data-row
              href={hrefOf({ page: 'deliveries', id, query })}
              aria-current={id === open ? true : undefined}
            >
              <Moment time={receivedAt} />
            </a>
          </td>
          <td>{provider}</td>
          <td>
            <Standing tone={meaningOf(status).tone} word={status} />
          </td>
          <td class="long">{reason ?? ''}</td>
          <td class="number" data-label="bytes">
            {bytes}
          </td>
        </tr>
      ))}
    </Table>
  )
}

/** The id of a row's link in the document. */
export function rowId(delivery: string): string {
  return `delivery-${delivery}`
}
