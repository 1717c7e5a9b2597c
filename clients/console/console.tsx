import { useEffect, useState } from 'preact/hooks'
import { Announcer } from './announcer.tsx'
import { Notice } from './connection/notice.tsx'
import { readClaims } from './connection/session.ts'
import { Header } from './header.tsx'
import { Help } from './help.tsx'
import { useKeys } from './keys.ts'
import { useBeat } from './parts/beat.ts'
import { Live } from './live/live.tsx'
import { useRoute } from './route.ts'
import { useStore, type Store } from './store.ts'
import { TryIt } from './try-it/try-it.tsx'
import type { Refusal } from '@switchhook/browser'

interface ConsoleProps {
  readonly store: Store
  readonly token: string
  readonly onSignOut: (refusal: Refusal | null) => void
}

/** The page for those who are signed in. */
export function Console({ store, token, onSignOut }: ConsoleProps) {
  useStore(store)
  useBeat()
  const route = useRoute()
  const [helping, setHelping] = useState(false)
  const { state, stateSince } = store
  const signOut = (): void => onSignOut(null)
  useKeys({ '?': () => setHelping(true) })
  useEffect(() => {
    if (state.name === 'refused' && isAboutToken(state)) onSignOut(state)
  }, [state])
  return (
    <>
      <Header
        state={state}
        since={stateSince}
        page={route.page}
        user={readClaims(token)?.user ?? null}
        onHelp={() => setHelping(true)}
        onSignOut={signOut}
      />
      <Notice state={state} retry={() => store.connection.reconnect()} />
      {route.page === 'live' ? (
        <Live store={store} open={route.call} />
      ) : (
        <TryIt token={token} onSignOut={signOut} />
      )}
      <Announcer store={store} />
      {helping && <Help onClose={() => setHelping(false)} />}
    </>
  )
}

const isAboutToken = ({ code }: Refusal): boolean =>
  code.startsWith('auth_') || code === 'token_expired' || code === 'bad_request'
