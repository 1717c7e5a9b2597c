import { useRef } from 'preact/hooks'
import { useList } from '../api/list.ts'
import { Answered } from '../operate/answered.tsx'
import { Moment } from '../operate/moment.tsx'
import { useRowKeys } from '../operate/row-keys.ts'
import { formatMoment } from '../parts/time.ts'
import { describeAction } from './actions.ts'
import type { App } from '../operate/apps.tsx'
import type { Credential } from '../api/credential.ts'

/** Somebody did something. */
interface Entry {
  readonly id: string
  readonly at: string
  readonly action: string
  readonly actor: string
  readonly ip: string | null
  readonly target: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Who did what to an app, when and from where. */
export function AuditList({ credential, app }: { credential: Credential; app: App }) {
  const audit = useList<Entry>(credential, `internal/apps/${app.id}/audit`, 50)
  const list = useRef<HTMLTableElement>(null)
  useRowKeys({ list })
  return (
    <section aria-labelledby="audit-title">
      <h2 id="audit-title">Audit</h2>
      <Answered
        answer={audit}
        known={audit.loaded}
        empty={
          audit.items.length === 0 && (
            <p>
              Nothing was done yet. What operators do with keys, users, credentials and deliveries
              appears here, and stays.
            </p>
          )
        }
      >
        <table ref={list} class="table audit" aria-label="Audit, the latest first">
          <thead>
            <tr>
              <th>When</th>
              <th>What</th>
              <th>To</th>
              <th>By</th>
              <th>From</th>
            </tr>
          </thead>
          <tbody>
            {audit.items.map((entry) => (
              <Row key={entry.id} entry={entry} />
            ))}
          </tbody>
        </table>
        {audit.more && (
          <button type="button" class="more" aria-busy={audit.loading} onClick={audit.loadMore}>
            Older
          </button>
        )}
      </Answered>
    </section>
  )
}

function Row({ entry: { at, action, actor, ip, target, detail } }: { entry: Entry }) {
  return (
    <tr data-row tabIndex={-1}>
      <td>
        <Moment time={at} />
      </td>
      <td class="long" title={action}>
        <b>{describeAction(action)}</b> <span class="quiet">{gistOf(detail)}</span>
      </td>
      <td data-label="to" class="long">
        {target ?? ''}
      </td>
      <td data-label="by">{actor === 'internal' ? 'operator' : actor}</td>
      <td data-label="from">{ip ?? ''}</td>
    </tr>
  )
}

/** What else belongs to it, in a line. */
function gistOf(detail: Entry['detail'] = {}): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${wordsOf(name)} ${told(value)}`)
    .join(' · ')
}

/** `graceUntil` → `grace until`. */
const wordsOf = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const told = (value: unknown): string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? formatMoment(value) : String(value)
