import { Pill } from './connection/pill.tsx'
import { Mark } from './parts/shapes.tsx'
import { hrefOf, type Route } from './route.ts'
import type { ConnectionState } from '@switchhook/browser'

interface HeaderProps {
  readonly state: ConnectionState
  readonly since: number
  readonly page: Route['page']
  readonly user: string | null
  readonly onHelp: () => void
  readonly onSignOut: () => void
}

const pages = [
  { page: 'live', title: 'Live' },
  { page: 'try', title: 'Try it' },
] as const

/** What is on screen whatever the page: where one is, who one is, and how complete it all is. */
export function Header({ state, since, page, user, onHelp, onSignOut }: HeaderProps) {
  return (
    <header class="header">
      <span class="brand">
        <Mark /> <b>Switchhook</b>
      </span>
      <nav aria-label="Pages">
        {pages.map((entry) => (
          <a
            key={entry.page}
            href={hrefOf({ page: entry.page, call: null })}
            aria-current={entry.page === page ? 'page' : undefined}
          >
            {entry.title}
          </a>
        ))}
      </nav>
      <Pill state={state} since={since} />
      <div class="account">
        <span class="user" title={user ?? undefined}>
          {user}
        </span>
        <button type="button" class="plain" onClick={onHelp} aria-label="Keyboard help">
          <kbd>?</kbd>
        </button>
        <button type="button" class="plain" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </header>
  )
}
