import { useEffect, useMemo, useState } from 'preact/hooks'
import { Console } from './console.tsx'
import { forgetToken, keepToken, takeToken } from './connection/session.ts'
import { SignIn } from './connection/sign-in.tsx'
import { Store } from './store.ts'
import type { Refusal } from '@switchhook/browser'

/** Everything: asks for a token until there is one that the hub accepts. */
export function App() {
  const [token, setToken] = useState(takeToken)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const store = useMemo(() => (token === null ? null : new Store(token)), [token])

  useEffect(() => () => store?.close(), [store])
  useEffect(() => {
    // A link with a token that is opened in this tab changes only the fragment: the page is not loaded again.
    const follow = (): void => {
      const fresh = takeToken()
      if (fresh !== null) setToken(fresh)
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])

  const signIn = (fresh: string): void => {
    keepToken(fresh)
    setRefusal(null)
    setToken(fresh)
  }
  const signOut = (why: Refusal | null): void => {
    forgetToken()
    setRefusal(why)
    setToken(null)
  }
  if (!store || token === null) return <SignIn refusal={refusal} onToken={signIn} />
  return <Console key={token} store={store} token={token} onSignOut={signOut} />
}
