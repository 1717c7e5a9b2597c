import { useRef, useState } from 'preact/hooks'
import { credentialOf, type Credential } from '../api/credential.ts'
import { problemOf, type Problem } from '../api/problem.ts'
import { request } from '../api/request.ts'
import type { Refusal } from '@switchhook/browser'

interface CredentialFormProps {
  /** Only this kind is good here; null: both are. */
  readonly wanted: Credential['kind'] | null
  /** Why the last one was not good enough. */
  readonly refusal?: string | null
  readonly onCredential: (credential: Credential) => void
}

const labels = { token: 'Token', secret: 'Internal secret', any: 'Token or internal secret' }

/** One field for a token or the internal secret; which of them it is, is seen by its looks. */
export function CredentialForm({ wanted, refusal = null, onCredential }: CredentialFormProps) {
  const [mistake, setMistake] = useState('')
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const credential = credentialOf(field.current?.value.trim() ?? '')
    setMistake('')
    setBusy(true)
    const wrong = await mistakeIn(credential, wanted)
    setBusy(false)
    setMistake(wrong)
    if (credential && wrong === '') onCredential(credential)
  }
  const problem = mistake || refusal
  return (
    <form class="credential" onSubmit={(event) => void submit(event)}>
      <label for="token">{labels[wanted ?? 'any']}</label>
      <textarea
        ref={field}
        id="token"
        name="token"
        rows={wanted === null ? 4 : 2}
        required
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder={wanted === 'secret' ? '' : 'eyJhbGciOiJIUzI1NiIs…'}
        aria-describedby="problem how"
        aria-invalid={problem ? true : undefined}
      />
      <p id="problem" class="problem" role="alert">
        {problem}
      </p>
      <button type="submit" class="primary" disabled={busy}>
        {wanted === null ? 'Sign in' : 'Continue'}
      </button>
    </form>
  )
}

/** A refusal in words. */
export function wordsOf(refusal: Refusal | null): string | null {
  return refusal && `${refusal.code}: ${refusal.fix || refusal.detail}`
}

/** What is wrong with it, in words; empty if nothing is. The hub itself is asked about a secret. */
async function mistakeIn(
  credential: Credential | null,
  wanted: Credential['kind'] | null,
): Promise<string> {
  if (wanted === 'secret' && credential?.kind === 'token') {
    return 'This is a token. The internal secret is the INTERNAL_API_SECRET of the hub.'
  }
  if (!credential || (wanted === 'token' && credential.kind !== 'token')) return notOne(wanted)
  if (credential.kind === 'token') return ''
  const refused = await request(credential, 'internal/apps?limit=1').then(() => null, problemOf)
  return refused === null ? '' : refusalOf(refused)
}

const notOne = (wanted: Credential['kind'] | null): string =>
  wanted === 'secret'
    ? 'This is not an internal secret: it has at least 32 characters.'
    : 'This is not a token: a token is three parts joined by dots, and begins with eyJ.' +
      (wanted === null ? ' An internal secret has at least 32 characters.' : '')

function refusalOf({ status, code, detail, fix }: Problem): string {
  if (status === 401 || status === 403) {
    return 'The hub does not know this secret: it is its INTERNAL_API_SECRET that opens these pages.'
  }
  if (status === 404) {
    return 'The operators’ API is not at this address: with ADMIN_PORT set it is on that port only.'
  }
  return [`${code}: ${detail}`, fix].filter(Boolean).join(' ')
}
