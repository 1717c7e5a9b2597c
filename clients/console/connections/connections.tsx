import { useRef } from 'preact/hooks'
import { useAnswer } from '../api/answer.ts'
import { Answered } from '../operate/answered.tsx'
import { AppChoice, useApps } from '../operate/apps.tsx'
import { useRowKeys } from '../operate/row-keys.ts'
import { go, queryWith } from '../route.ts'
import { DeprecatedOrigins } from './deprecated-origins.tsx'
import { HubHealth } from './hub-health.tsx'
import { Providers } from './providers.tsx'
import { RefusedOrigins } from './refused-origins.tsx'
import { AllowedOrigins } from './allowed-origins.tsx'
import { RevokeUser } from './revoke-user.tsx'
import { useVitals } from './vitals.ts'
import type { PageProps } from '../page.ts'
import type { Origins } from './origins.ts'

/** Who connects and who may not: pages, providers, users. */
export function Connections({ credential, route: { query } }: PageProps) {
  const apps = useApps(credential, query.get('app'), (app) =>
    go({ page: 'connections', query: queryWith(query, { app }) }),
  )
  const { app } = apps
  const origins = useAnswer<Origins>(credential, 'internal/origins')
  const vitals = useVitals(origins.reload)
  const page = useRef<HTMLElement>(null)
  useRowKeys({ list: page })
  const seen = origins.value
  return (
    <main ref={page} class="page operate">
      <div class="page-head">
        <h1 tabIndex={-1}>Connections</h1>
        <AppChoice apps={apps} />
      </div>
      <HubHealth vitals={vitals} />
      {app && <Providers key={app.id} {...{ credential, app, vitals }} />}
      <Answered answer={origins} known={seen !== null}>
        {seen && (
          <>
            <RefusedOrigins refused={seen.refused} allowed={seen.allowed} />
            <DeprecatedOrigins deprecated={seen.deprecated} />
            <AllowedOrigins allowed={seen.allowed} />
          </>
        )}
      </Answered>
      {app && <RevokeUser key={app.id} {...{ credential, app }} />}
    </main>
  )
}
