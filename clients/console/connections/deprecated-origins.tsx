import { Moment } from '../operate/moment.tsx'
import { Standing } from '../operate/standing.tsx'
import type { Deprecated } from './origins.ts'

/** Pages that still connect from an origin with a last day, and who does. */
export function DeprecatedOrigins({ deprecated }: { deprecated: readonly Deprecated[] }) {
  return (
    <section aria-labelledby="deprecated-title">
      <h2 id="deprecated-title">Pages that have to move</h2>
      {deprecated.length === 0 ? (
        <p class="quiet">
          Nobody uses an origin that ends. Give one a last day with{' '}
          <code>;until=2027-01-31;successor=https://…</code>, and who still comes from it appears
          here.
        </p>
      ) : (
        <table class="table" aria-label="Pages that have to move">
          <thead>
            <tr>
              <th>Until</th>
              <th>Origin</th>
              <th>Moves to</th>
              <th class="number">Times</th>
              <th>Last</th>
              <th>Who</th>
            </tr>
          </thead>
          <tbody>
            {deprecated.map(({ origin, until, successor, count, lastAt, users }) => (
              <tr key={origin} data-row tabIndex={-1}>
                <td>
                  <Standing tone="soon" word={until ?? 'no last day'} />
                </td>
                <td class="long">
                  <code>{origin}</code>
                </td>
                <td class="long" data-label="moves to">
                  {successor ?? '–'}
                </td>
                <td class="number" data-label="times">
                  {count}
                </td>
                <td data-label="last">
                  <Moment time={lastAt} />
                </td>
                <td class="long" data-label="who">
                  {users.length === 0 ? 'nobody signed in' : users.join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
