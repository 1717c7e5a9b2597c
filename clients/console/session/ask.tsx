import { tokenCommand } from '../commands.ts'
import { Code } from '../parts/copy.tsx'
import { CredentialForm, wordsOf } from './credential-form.tsx'
import { useSession } from './session.ts'
import type { Credential } from '../api/credential.ts'

/** In place of a page whose credential this tab does not have: asks for it. */
export function Ask({ title, wanted }: { title: string; wanted: Credential['kind'] }) {
  const { signIn, refusal } = useSession()
  return (
    <main class="page ask">
      <h1>{title}</h1>
      <p>
        {wanted === 'token'
          ? 'This page shows what a user of the hub may see. It needs a token, or an API key of an app.'
          : 'This page is for those who run the hub. It needs the internal secret.'}
      </p>
      <CredentialForm
        key={wanted}
        wanted={wanted}
        refusal={wanted === 'token' ? wordsOf(refusal) : null}
        onCredential={signIn}
      />
      <div id="how" class="how">
        {wanted === 'token' ? (
          <>
            <p>This prints a token:</p>
            <Code text={tokenCommand} label="Command that prints a token" />
          </>
        ) : (
          <p class="quiet">
            It is the hub’s <code>INTERNAL_API_SECRET</code>; a hub that made its own keeps it in
            its data directory, below <code>secrets/</code>.
          </p>
        )}
        <p class="quiet">It stays in this tab, and is gone when you close it.</p>
      </div>
    </main>
  )
}
