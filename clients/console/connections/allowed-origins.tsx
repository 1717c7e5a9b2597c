import type { Allowed } from './setting.ts'

/** Pages that may connect, and by which setting. */
export function AllowedOrigins({ allowed }: { allowed: readonly Allowed[] }) {
  return (
    <section aria-labelledby="allowed-title">
      <h2 id="allowed-title">Allowed pages</h2>
      <table class="table" aria-label="Allowed pages">
        <thead>
          <tr>
            <th>Origin</th>
            <th>Until</th>
            <th>By</th>
          </tr>
        </thead>
        <tbody>
          {allowed.map(({ origin, until, source }) => (
            <tr key={origin} data-row tabIndex={-1}>
              <td class="long">
                <code>{origin}</code>
              </td>
              <td data-label="until">{until ?? 'no last day'}</td>
              <td data-label="by">
                <code>{source}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
