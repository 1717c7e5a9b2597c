import { useState } from 'preact/hooks'
import { request } from '../api/request.ts'
import { Dialog } from '../operate/dialog.tsx'
import type { Credential } from '../api/credential.ts'
import type { App } from '../operate/apps.tsx'

interface RevokeUserProps {
  readonly credential: Credential
  readonly app: App
}

/** Takes back what was issued to a user: for a lost laptop, or somebody who left. */
export function RevokeUser({ credential, app }: RevokeUserProps) {
  const [sub, setSub] = useState<string | null>(null)
  const [done, setDone] = useState('')
  const ask = (event: SubmitEvent): void => {
    event.preventDefault()
    const field = (event.currentTarget as HTMLFormElement).elements.namedItem('sub')
    const given = field instanceof HTMLInputElement ? field.value.trim() : ''
    setDone('')
    if (given !== '') setSub(given)
  }
  const revoke = async (): Promise<void> => {
    const path = `internal/apps/${app.id}/revocations`
    await request(credential, path, { method: 'POST', body: { sub } })
    setDone(`Everything issued to ${sub} so far is refused.`)
  }
  return (
    <section aria-labelledby="revoke-title">
      <h2 id="revoke-title">Sign a user out everywhere</h2>
      <form class="fields" onSubmit={ask}>
        <label class="field wide">
          <span>
            User, as the tokens name them in <code>sub</code>
          </span>
          <input name="sub" required maxLength={256} autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit" class="danger">
          Sign out…
        </button>
      </form>
      <p role="status">{done}</p>
      {sub !== null && (
        <Dialog
          title={`Sign ${sub} out everywhere?`}
          submit="Sign out"
          grave
          onSubmit={revoke}
          onClose={() => setSub(null)}
        >
          <p>
            Every token and ticket that was issued to {sub} for {app.name} until now is refused, and
            their connections are closed. A token that is issued from now on works: to keep them
            out, stop issuing tokens too.
          </p>
        </Dialog>
      )}
    </section>
  )
}
