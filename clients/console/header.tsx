import { useEffect, useRef } from 'preact/hooks'
import { Health } from './session/health.tsx'
import { Pill } from './session/pill.tsx'
import { readClaims, useSession } from './session/session.ts'
import { Mark } from './parts/shapes.tsx'
import { pages } from './pages.ts'
import { hrefOf, type PageName } from './route.ts'
import type { Store } from './store.ts'

interface HeaderProps {
  readonly store: Store | null
  readonly page: PageName
  readonly onHelp: () => void
}

/** What is on screen whatever the page: where one is, who one is, and how complete it all is. */
export function Header({ store, page, onHelp }: HeaderProps) {
  const { token, signOut } = useSession()
  const user = token ? (readClaims(token.text)?.user ?? 'API key') : 'Operator'
  return (
    <header class="header">
      <span class="brand">
        <Mark /> <b>Switchhook</b>
      </span>
      <Pages page={page} />
      <div class="pills">
        {store && <Silent providers={store.silent} />}
        <Health />
        {store && <Pill state={store.state} since={store.stateSince} />}
      </div>
      <div class="account">
        <span class="user" title={user}>
          {user}
        </span>
        <button type="button" class="plain" onClick={onHelp} aria-label="Keyboard help">
          <kbd>?</kbd>
        </button>
        <button type="button" class="plain" onClick={signOut}>
          Sign out
        </button>
      </div>
    </header>
  )
}

/** The providers that fell silent. */
function Silent({ providers }: { providers: ReadonlyMap<string, string> }) {
  return [...providers].map(([name, text]) => (
    <p key={name} class="pill degraded" role="status" title={text}>
      <span class="dot" aria-hidden="true" />
      <span class="text">{name} is silent</span>
    </p>
  ))
}

/** The links to all pages; on a phone they scroll, and the one that is open is in sight. */
function Pages({ page }: { page: PageName }) {
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    const { current } = nav
    const open = current?.querySelector<HTMLElement>('[aria-current]')
    if (current && open) current.scrollLeft = open.offsetLeft - current.clientWidth / 3
  }, [page])
  return (
    <nav ref={nav} aria-label="Pages">
      {pages.map((entry) => (
        <a
          key={entry.page}
          href={hrefOf({ page: entry.page })}
          aria-current={entry.page === page ? 'page' : undefined}
        >
          {entry.title}
        </a>
      ))}
    </nav>
  )
}
