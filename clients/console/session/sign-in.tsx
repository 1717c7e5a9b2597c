import { Code } from '../parts/copy.tsx'
import { Mark } from '../parts/shapes.tsx'
import { tokenCommand } from '../commands.ts'
import { CredentialForm, wordsOf } from './credential-form.tsx'
import type { Refusal } from '@switchhook/browser'
import type { Credential } from '../api/credential.ts'

interface SignInProps {
  /** Why the last token was not good enough. */
  readonly refusal: Refusal | null
  readonly onCredential: (credential: Credential) => void
}

/** Asks for a credential. There are no accounts here: whoever runs the hub hands tokens out. */
export function SignIn({ refusal, onCredential }: SignInProps) {
  return (
    <main class="sign-in">
      <h1>
        <Mark /> Switchhook
      </h1>
      <p class="lead">Live calls, as they happen.</p>
      <CredentialForm wanted={null} refusal={wordsOf(refusal)} onCredential={onCredential} />
      <div id="how" class="how">
        <p>No token yet? This prints one:</p>
        <Code text={tokenCommand} label="Command that prints a token" />
        <p class="quiet">
          Who runs the hub may give its <code>INTERNAL_API_SECRET</code> instead: it opens the pages
          for apps, keys and deliveries. Either stays in this tab, and is gone when you close it.
        </p>
      </div>
    </main>
  )
}
