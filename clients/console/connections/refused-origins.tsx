import { Moment } from '../operate/moment.tsx'
import { Standing } from '../operate/standing.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { isEntry, settingFor, type Allowed } from './setting.ts'
import type { Refused } from './origins.ts'

interface RefusedOriginsProps {
  readonly refused: readonly Refused[]
  readonly allowed: readonly Allowed[]
}

/** Pages that wanted to connect and may not, with the setting that would let each in. */
export function RefusedOrigins({ refused, allowed }: RefusedOriginsProps) {
  return (
    <section aria-labelledby="refused-title">
      <h2 id="refused-title">Refused pages</h2>
      {refused.length === 0 ? (
        <p class="quiet">
          None since the hub started. A page whose origin is not allowed appears here when it tries
          to connect.
        </p>
      ) : (
        <table class="table" aria-label="Refused pages">
          <thead>
            <tr>
              <th>State</th>
              <th>Origin</th>
              <th class="number">Times</th>
              <th>Last</th>
              <th>What would let it in</th>
            </tr>
          </thead>
          <tbody>
            {refused.map(({ origin, count, lastAt, fix }) => (
              <tr key={origin} data-row tabIndex={-1}>
                <td>
                  {fix === null ? (
                    <Standing tone="well" word="allowed now" />
                  ) : (
                    <Standing tone="wrong" word="refused" />
                  )}
                </td>
                <td class="long">
                  <code>{origin === '' ? '(empty)' : origin}</code>
                </td>
                <td class="number" data-label="times">
                  {count}
                </td>
                <td data-label="last">
                  <Moment time={lastAt} />
                </td>
                <td class="long">
                  {fix} {fix !== null && isEntry(origin) && <Copy {...{ origin, allowed }} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Copy({ origin, allowed }: { origin: string; allowed: readonly Allowed[] }) {
  const { place, text } = settingFor(origin, allowed)
  const label = place === 'ORIGINS_FILE' ? 'Copy the line for ORIGINS_FILE' : 'Copy the setting'
  return <CopyButton text={text} label={label} />
}
