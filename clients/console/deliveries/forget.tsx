import { useState } from 'preact/hooks'
import { request } from '../api/request.ts'
import { Dialog } from '../operate/dialog.tsx'
import { textIn } from '../operate/text-in.ts'
import type { Credential } from '../api/credential.ts'
import type { App } from '../operate/apps.tsx'

interface ForgetProps {
  readonly credential: Credential
  readonly app: App
  readonly onClose: () => void
  readonly onDone: () => void
}

/** From how much something was removed. */
interface Removed {
  readonly deliveries: number
  readonly events: number
  readonly calls: number
  readonly voicemails: number
}

/** Removes a telephone number from everything an app keeps, for whoever has the right to be forgotten. */
export function Forget({ credential, app, onClose, onDone }: ForgetProps) {
  const [removed, tell] = useState<Removed | null>(null)
  const forget = async (fields: FormData): Promise<'stay'> => {
    const body = { app: app.id, number: textIn(fields, 'number') }
    const init = { method: 'POST', body, deadlineMs: 120_000 } as const
    tell(await request<Removed>(credential, 'internal/deliveries/purge', init))
    onDone()
    return 'stay'
  }
  return (
    <Dialog
      title="Forget a number"
      submit={removed ? null : 'Forget it'}
      grave
      onSubmit={forget}
      onClose={onClose}
    >
      {removed ? (
        <p role="status">
          It is gone. Changed: deliveries {removed.deliveries}, events {removed.events}, calls{' '}
          {removed.calls}, voicemails {removed.voicemails}.
        </p>
      ) : (
        <>
          <p>
            What was said of it is removed from deliveries, events, calls and voicemails of{' '}
            {app.name}. That cannot be undone. Programs keep what they have seen; what could not be
            read is not searched, and goes by its age.
          </p>
          <label class="field">
            <span>Number</span>
            <input
              name="number"
              type="tel"
              required
              pattern="\+[1-9][0-9]{5,14}"
              title="With + and without spaces, as +12025550133"
              autocomplete="off"
            />
            <small>With + and without spaces, as +12025550133. It is not kept in the audit.</small>
          </label>
        </>
      )}
    </Dialog>
  )
}
