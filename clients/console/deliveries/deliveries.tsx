import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useAnswer, type Answer } from '../api/answer.ts'
import { pathOf, type Page } from '../api/request.ts'
import { AppChoice, useApps, type App, type Apps } from '../operate/apps.tsx'
import { Answered } from '../operate/answered.tsx'
import { useRowKeys } from '../operate/row-keys.ts'
import { go, hrefOf, queryWith } from '../route.ts'
import { DeliveryList, rowId } from './delivery-list.tsx'
import { DeliveryPanel } from './delivery-panel.tsx'
import { Empty } from './empty.tsx'
import { Filters } from './filters.tsx'
import { Forget } from './forget.tsx'
import { Replay } from './replay.tsx'
import type { Credential } from '../api/credential.ts'
import type { PageProps } from '../page.ts'
import type { Delivery } from './delivery.ts'

/** What providers sent, as it came, and what became of it. */
export function Deliveries({ credential, route }: PageProps) {
  const { query } = route
  const apps = useApps(credential, query.get('app'), (app) =>
    go({ page: 'deliveries', query: queryWith(query, { app, after: '' }) }),
  )
  const { app } = apps
  if (app) return <OfApp key={app.id} {...{ credential, route, apps, app }} />
  return (
    <main class="page operate">
      <h1 tabIndex={-1}>Deliveries</h1>
      <Answered answer={apps.list} known={false} />
    </main>
  )
}

type Asking = 'replay' | 'forget' | null

type OfAppProps = Pick<PageProps, 'credential' | 'route'> & {
  readonly apps: Apps
  readonly app: App
}

function OfApp({ credential, route: { query, id }, apps, app }: OfAppProps) {
  const filters = ['status', 'provider', 'after'].map((name) => [name, query.get(name)])
  const path = pathOf('internal/deliveries', { app: app.id, ...Object.fromEntries(filters) })
  const page = useAnswer<Page<Delivery>>(credential, path)
  const shown = useHeld(page)
  const [asking, ask] = useState<Asking>(null)
  const list = useRef<HTMLDivElement>(null)
  const filter = useRef<HTMLSelectElement>(null)
  const close = (): void => go({ page: 'deliveries', query })
  useReturn(id)
  useRowKeys({ list, filter, onEscape: () => id !== null && close() })
  return (
    <main class={`operate deliveries ${id === null ? '' : 'with-panel'}`}>
      <div class="page" ref={list}>
        <div class="page-head">
          <h1 tabIndex={-1}>Deliveries</h1>
          <AppChoice apps={apps} />
          <Filters
            query={query}
            first={filter}
            onChange={(values) =>
              go({ page: 'deliveries', query: queryWith(query, { ...values, after: '' }) })
            }
          />
          <p class="buttons">
            <button type="button" onClick={page.reload}>
              Reload
            </button>
            <button type="button" onClick={() => ask('replay')}>
              Run again…
            </button>
            <button type="button" onClick={() => ask('forget')}>
              Forget a number…
            </button>
          </p>
        </div>
        <Answered
          answer={page}
          known={shown !== null}
          empty={shown?.items.length === 0 && <Empty query={query} />}
        >
          <DeliveryList items={shown?.items ?? []} query={query} open={id} />
          <Pager query={query} next={shown?.next ?? null} />
        </Answered>
      </div>
      {id !== null && (
        <DeliveryPanel
          key={id}
          {...{ credential, id }}
          app={app.id}
          onClose={close}
          onChange={page.reload}
        />
      )}
      <Questions {...{ credential, app, asking }} onClose={() => ask(null)} onDone={page.reload} />
    </main>
  )
}

interface QuestionsProps {
  readonly credential: Credential
  readonly app: App
  readonly asking: Asking
  readonly onClose: () => void
  readonly onDone: () => void
}

/** What concerns many deliveries is asked in a dialog. */
function Questions({ asking, ...rest }: QuestionsProps) {
  if (asking === 'replay') return <Replay {...rest} />
  return asking === 'forget' ? <Forget {...rest} /> : null
}

/** What was shown stays until there is something else to show, so that nothing jumps. */
function useHeld<Value>({ value, problem }: Answer<Value>): Value | null {
  const held = useRef<Value | null>(null)
  if (value !== null || problem) held.current = value
  return held.current
}

/** Who closes a delivery is back in the list where they were. */
function useReturn(open: string | null): void {
  const last = useRef(open)
  useLayoutEffect(() => {
    if (open === null && last.current !== null) {
      document.getElementById(rowId(last.current))?.focus()
    }
    last.current = open
  }, [open])
}

/** The way to what came before, and back to what came last. */
function Pager({ query, next }: { query: URLSearchParams; next: string | null }) {
  const to = (after: string): string =>
    hrefOf({ page: 'deliveries', query: queryWith(query, { after }) })
  return (
    <p class="pager">
      {query.has('after') && <a href={to('')}>Newest</a>}
      {next !== null && <a href={to(next)}>Older</a>}
    </p>
  )
}
