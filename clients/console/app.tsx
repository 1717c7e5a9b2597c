import { useEffect, useMemo, useState } from 'preact/hooks'
import { Console } from './console.tsx'
import { forget, keep, SessionContext, takeCredentials } from './session/session.ts'
import { SignIn } from './session/sign-in.tsx'
import { amend } from './route.ts'
import { Store } from './store.ts'
import type { Refusal } from '@switchhook/browser'
import type { Credential } from './api/credential.ts'

/** Everything: asks for a credential until there is one. */
export function App() {
  const [held, hold] = useState(takeCredentials)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const token = held.token?.text
  const store = useMemo(() => (token === undefined ? null : new Store(token)), [token])

  useEffect(() => () => store?.close(), [store])
  useEffect(() => {
    // Without a user's token there is nothing to see on Live.
    if (held.secret && !held.token && location.hash === '') amend({ page: 'access' })
  }, [held])
  useEffect(() => {
    // A link with a token that is opened in this tab changes only the fragment: the page is not loaded again.
    const follow = (): void => void (location.hash.startsWith('#/') || hold(takeCredentials()))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])

  const signIn = (credential: Credential): void => {
    keep(credential)
    setRefusal(null)
    hold({ ...held, [credential.kind]: credential })
  }
  const drop = (kind: Credential['kind'], why: Refusal | null = null): void => {
    forget(kind)
    setRefusal(why)
    hold((before) => ({ ...before, [kind]: null }))
  }
  const signOut = (): void => {
    drop('token')
    drop('secret')
  }
  if (!held.token && !held.secret) return <SignIn refusal={refusal} onCredential={signIn} />
  return (
    <SessionContext value={{ ...held, refusal, signIn, forget: drop, signOut }}>
      <Console store={store} />
    </SessionContext>
  )
}
