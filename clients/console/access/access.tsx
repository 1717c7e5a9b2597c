import { Answered } from '../operate/answered.tsx'
import { useApps } from '../operate/apps.tsx'
import { go, hrefOf } from '../route.ts'
import { AppBar } from './app-bar.tsx'
import { AuditList } from './audit-list.tsx'
import { Keys } from './keys.tsx'
import { Users } from '../users/users.tsx'
import type { PageProps } from '../page.ts'

const parts = [
  { name: '', title: 'API keys', Part: Keys },
  { name: 'users', title: 'Users', Part: Users },
  { name: 'audit', title: 'Audit', Part: AuditList },
] as const

/** Who may come in: an app's keys, which user is who, and who changed it. */
export function Access({ credential, route }: PageProps) {
  const apps = useApps(credential, route.id, (id) => go({ page: 'access', id, query: route.query }))
  const { app } = apps
  const wanted = route.query.get('part') ?? ''
  const { name, Part } = parts.find((part) => part.name === wanted) ?? parts[0]
  return (
    <main class="page operate">
      <h1 tabIndex={-1}>Access</h1>
      <Answered answer={apps.list} known={app !== null}>
        {app !== null && (
          <>
            <AppBar {...{ credential, apps, app }} />
            <nav class="parts" aria-label="Access">
              {parts.map((part) => (
                <a
                  key={part.name}
                  href={hrefOf({ page: 'access', id: app.id, query: { part: part.name } })}
                  aria-current={part.name === name ? 'page' : undefined}
                >
                  {part.title}
                </a>
              ))}
            </nav>
            <Part key={`${app.id} ${name}`} credential={credential} app={app} route={route} />
          </>
        )}
      </Answered>
    </main>
  )
}
