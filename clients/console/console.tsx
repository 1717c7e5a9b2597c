import { useEffect, useState } from 'preact/hooks'
import { Announcer } from './announcer.tsx'
import { Ask } from './session/ask.tsx'
import { Notice } from './session/notice.tsx'
import { useSession } from './session/session.ts'
import { Header } from './header.tsx'
import { Help } from './help.tsx'
import { useKeys } from './keys.ts'
import { pages } from './pages.ts'
import { useBeat } from './parts/beat.ts'
import { useRoute, type Route } from './route.ts'
import { useStore, type Store } from './store.ts'
import type { Refusal } from '@switchhook/browser'

/** The page for those who are signed in; without a user's token there is no store. */
export function Console({ store }: { store: Store | null }) {
  useStore(store)
  useBeat()
  const route = useRoute()
  const { forget } = useSession()
  const [helping, setHelping] = useState(false)
  const state = store?.state
  useKeys({ '?': () => setHelping(true) })
  useEffect(() => {
    if (state?.name === 'refused' && isAboutToken(state)) forget('token', state)
  }, [state])
  return (
    <>
      <Header store={store} page={route.page} onHelp={() => setHelping(true)} />
      {store && <Notice state={store.state} retry={() => store.connection.reconnect()} />}
      <Shown route={route} store={store} />
      <Announcer store={store} title={entryOf(route).title} />
      {helping && <Help onClose={() => setHelping(false)} />}
    </>
  )
}

/** The page of the route, or the question for the credential it needs. */
function Shown({ route, store }: { route: Route; store: Store | null }) {
  const { title, needs, Page } = entryOf(route)
  const credential = useSession()[needs]
  if (!credential) return <Ask key={needs} title={title} wanted={needs} />
  // Whoever signs in as somebody else sees nothing of what was loaded before.
  return <Page key={`${route.page} ${credential.text}`} {...{ credential, route, store }} />
}

const entryOf = ({ page }: Route) => pages.find((entry) => entry.page === page)!

const isAboutToken = ({ code }: Refusal): boolean =>
  code.startsWith('auth_') || code === 'token_expired' || code === 'bad_request'
