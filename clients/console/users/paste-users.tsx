import { useState } from 'preact/hooks'
import { request } from '../api/request.ts'
import { Dialog } from '../operate/dialog.tsx'
import { providers } from '../operate/providers.ts'
import { Table } from '../parts/table.tsx'
import { readRows, type Row } from './rows.ts'
import type { Credential } from '../api/credential.ts'

interface PasteUsersProps {
  readonly credential: Credential
  /** Where mappings are put. */
  readonly path: string
  readonly onDone: () => void
  readonly onClose: () => void
}

/** What became of them. */
interface Counts {
  readonly created: number
  readonly changed: number
  readonly unchanged: number
}

/** Rows of the preview; the mistakes come first, so none is beyond. */
const shown = 100
const example = `kind,provider,value,user,team
provider_user,dialpad,5312445,ann@shop.example,sales
phone_number,,+12025550131,bob@shop.example,
sip_user,,1001,ann@shop.example,sales`

/** Takes many mappings at once, shows what they say and what is wrong with which, and puts all or none. */
export function PasteUsers({ credential, path, onDone, onClose }: PasteUsersProps) {
  const [text, setText] = useState('')
  const [counts, count] = useState<Counts | null>(null)
  const rows = readRows(text, providers)
  const mistakes = rows.filter(({ mistake }) => mistake !== null)
  const ready = rows.length > 0 && mistakes.length === 0
  const submit = async (): Promise<void | 'stay'> => {
    if (!ready) return 'stay'
    const items = rows.flatMap(({ mapping }) => mapping ?? [])
    count(await request<Counts>(credential, path, { method: 'PUT', body: { items } }))
    onDone()
    return 'stay'
  }
  if (counts) {
    const { created, changed, unchanged } = counts
    return (
      <Dialog title="Mapped" submit={null} onSubmit={submit} onClose={onClose}>
        <p role="status">
          {created} new, {changed} changed, {unchanged} as they were.
        </p>
      </Dialog>
    )
  }
  return (
    <Dialog
      title="Map many users"
      submit={ready ? `Map ${rows.length}` : 'Map'}
      wide
      onSubmit={submit}
      onClose={onClose}
    >
      <label class="field">
        <span>Rows</span>
        <textarea
          rows={7}
          required
          spellcheck={false}
          autocomplete="off"
          placeholder={example}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <small>
          CSV, or copied from a spreadsheet: kind, provider, value, user, team. All are mapped, or
          none.
        </small>
      </label>
      <p role="status" class={mistakes.length > 0 ? 'mistaken' : 'quiet'}>
        {rows.length > 0 && verdictOn(rows.length, mistakes.length)}
      </p>
      {rows.length > 0 && <Preview rows={[...mistakes, ...rows.filter(isRight)]} />}
    </Dialog>
  )
}

const isRight = ({ mistake }: Row): boolean => mistake === null

function verdictOn(rows: number, mistakes: number): string {
  const all = `${rows} ${rows === 1 ? 'row' : 'rows'}`
  return mistakes === 0 ? `${all}, nothing wrong.` : `${all}, ${mistakes} with a mistake.`
}

const headings = ['Line', 'Says']

function Preview({ rows }: { rows: readonly Row[] }) {
  return (
    <div class="preview" tabIndex={0} role="region" aria-label="What the rows say">
      <Table headings={headings}>
        {rows.slice(0, shown).map(({ line, cells, mistake }) => (
          <tr key={line}>
            <td>{line}</td>
            <td class="long">
              {cells.filter(Boolean).join(' · ')}
              {mistake !== null && <span class="mistaken">{mistake}</span>}
            </td>
          </tr>
        ))}
      </Table>
      {rows.length > shown && <p class="quiet">And {rows.length - shown} more.</p>}
    </div>
  )
}
