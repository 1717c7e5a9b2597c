import { useRef, useState } from 'preact/hooks'
import { Code } from '../parts/copy.tsx'
import { Mark } from '../parts/shapes.tsx'
import { tokenCommand } from '../commands.ts'
import { readClaims } from './session.ts'
import type { Refusal } from '@switchhook/browser'

interface SignInProps {
  /** Why the last token was not good enough. */
  readonly refusal: Refusal | null
  readonly onToken: (token: string) => void
}

/** Asks for a token. There are no accounts here: whoever runs the hub hands tokens out. */
export function SignIn({ refusal, onToken }: SignInProps) {
  const [mistake, setMistake] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const token = field.current?.value.trim() ?? ''
    if (readClaims(token)) onToken(token)
    else
      setMistake('This is not a token: a token is three parts joined by dots, and begins with eyJ.')
  }
  const problem = mistake || (refusal && `${refusal.code}: ${refusal.fix || refusal.detail}`)
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>
          <Mark /> Switchhook
        </h1>
        <p class="lead">Live calls, as they happen.</p>
        <label for="token">Token</label>
        <textarea
          ref={field}
          id="token"
          name="token"
          rows={4}
          required
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="eyJhbGciOiJIUzI1NiIs…"
          aria-describedby="problem how"
          aria-invalid={problem ? true : undefined}
        />
        <p id="problem" class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="primary">
          Sign in
        </button>
        <div id="how" class="how">
          <p>No token yet? This prints one:</p>
          <Code text={tokenCommand} label="Command that prints a token" />
          <p class="quiet">The token stays in this tab, and is gone when you close it.</p>
        </div>
      </form>
    </main>
  )
}
