import { Dialog } from '../operate/dialog.tsx'

interface NewKeyProps {
  /** Keys that are accepted now. */
  readonly live: number
  readonly onSubmit: (body: object) => Promise<void>
  readonly onClose: () => void
}

const overlaps = [
  { seconds: 0, text: 'not at all: it ends now' },
  { seconds: 3_600, text: 'for 1 hour' },
  { seconds: 86_400, text: 'for 24 hours' },
  { seconds: 604_800, text: 'for 7 days' },
] as const

/** Asks how long the key and those before it shall be accepted. */
export function NewKey({ live, onSubmit, onClose }: NewKeyProps) {
  const submit = (fields: FormData): Promise<void> =>
    onSubmit({ ...overlapIn(fields), ...endIn(fields) })
  return (
    <Dialog title="New API key" submit="Create the key" onSubmit={submit} onClose={onClose}>
      {live > 0 && (
        <label class="field">
          <span>
            {live === 1
              ? 'The key in use is still accepted'
              : `${live} keys in use are still accepted`}
          </span>
          <select name="overlap" defaultValue="86400">
            {overlaps.map(({ seconds, text }) => (
              <option key={seconds} value={seconds} selected={seconds === 86_400}>
                {text}
              </option>
            ))}
          </select>
          <small>Long enough for every program to be given the new one.</small>
        </label>
      )}
      <label class="field">
        <span>Last day of the new key</span>
        <input type="date" name="end" min={dayOf(new Date())} />
        <small>Empty: it is accepted until you revoke or replace it.</small>
      </label>
      <p class="quiet">A key sees all calls of the app. It is shown once, when it is made.</p>
    </Dialog>
  )
}

function overlapIn(fields: FormData): { graceSeconds?: number } {
  const seconds = fields.get('overlap')
  return seconds === null ? {} : { graceSeconds: Number(seconds) }
}

/** The day that is chosen ends where the reader is. */
function endIn(fields: FormData): { expiresAt?: string } {
  const day = fields.get('end')
  if (typeof day !== 'string' || day === '') return {}
  return { expiresAt: new Date(`${day}T23:59:59.999`).toISOString() }
}

function dayOf(date: Date): string {
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
  return parts.map((part) => String(part).padStart(2, '0')).join('-')
}
