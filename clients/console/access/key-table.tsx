import type { RefObject } from 'preact'
import { Moment } from '../operate/moment.tsx'
import { Standing } from '../operate/standing.tsx'
import { standingOf, type ApiKey } from './key-standing.ts'

interface KeyTableProps {
  readonly keys: readonly ApiKey[]
  /** Unix milliseconds. */
  readonly now: number
  readonly list: RefObject<HTMLTableElement | null>
  readonly onRevoke: (key: ApiKey) => void
}

/** The keys, as far as they may be shown: the first characters tell them apart. */
export function KeyTable({ keys, now, list, onRevoke }: KeyTableProps) {
  return (
    <table ref={list} class="table keys" aria-label="API keys">
      <thead>
        <tr>
          <th>State</th>
          <th>Key</th>
          <th>Created</th>
          <th>Last used</th>
          <th>Ends</th>
          <th>
            <span class="unseen">Action</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => {
          const { tone, word, live } = standingOf(key, now)
          return (
            <tr key={key.id} data-row tabIndex={-1} class={live ? '' : 'over'}>
              <td>
                <Standing tone={tone} word={word} />
              </td>
              <td>
                <code>{key.prefix}…</code>
              </td>
              <td data-label="created">
                <Moment time={key.createdAt} />
              </td>
              <td data-label="last used">
                <Moment time={key.lastUsedAt} none="never" />
              </td>
              <td data-label="ends">
                <Moment time={endOf(key)} none="never" />
              </td>
              <td class="action">
                {live && (
                  <button type="button" onClick={() => onRevoke(key)}>
                    Revoke<span class="unseen"> {key.prefix}</span>
                  </button>
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** When it ended or will end, by whatever comes first. */
function endOf({ revokedAt, expiresAt, graceUntil = null }: ApiKey): string | null {
  const ends = [revokedAt, expiresAt, graceUntil].filter((time) => time !== null)
  return ends.toSorted()[0] ?? null
}
