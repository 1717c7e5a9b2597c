import { useRef } from 'preact/hooks'
import { useAnswer } from '../api/answer.ts'
import { useList } from '../api/list.ts'
import { problemOf } from '../api/problem.ts'
import { pathOf } from '../api/request.ts'
import { useKeys } from '../keys.ts'
import { FilterField } from '../operate/filter-field.tsx'
import { useRowKeys } from '../operate/row-keys.ts'
import { ListFoot } from '../parts/list-foot.tsx'
import { useRepeat } from '../parts/repeat.ts'
import { formatClock } from '../parts/time.ts'
import { Toast, useToast } from '../parts/toast.tsx'
import { refine } from '../route.ts'
import { startTrace, tracesPath, type Traces } from '../sip-trace/traces.ts'
import { Empty } from './empty.tsx'
import { InsecureUpstreams } from './insecure.tsx'
import { matches, type Registration } from './registration.ts'
import { RegistrationTable } from './table.tsx'
import type { Credential } from '../api/credential.ts'
import type { PageProps } from '../page.ts'

/** Who comes and goes shows by itself, as long as one page has all of them. */
const everyMs = 5_000

/** Who is registered at a PBX through the sip-proxies. */
export function Registrations({ credential, route: { query } }: PageProps) {
  const list = useList<Registration>(credential, 'api/registrations', 200)
  const { traced, trace, reload, said } = useTracing(credential)
  const page = useRef<HTMLElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const refresh = (): void => {
    list.reload()
    reload()
  }
  useRepeat(list.next === null && !list.problem ? everyMs : null, refresh)
  useRowKeys({ list: page, filter: search })
  useKeys({ r: refresh })
  const filter = query.get('q') ?? ''
  const found = list.items.filter((one) => matches(one, filter))
  return (
    <main ref={page} class="page operate registrations" aria-busy={list.loading}>
      <InsecureUpstreams credential={credential} />
      <div class="page-head">
        <h1 tabIndex={-1}>Registrations</h1>
        <FilterField
          field={search}
          label="Filter registrations"
          value={filter}
          onInput={(q) => refine({ q })}
        />
        <p class="buttons">
          <button type="button" onClick={refresh}>
            Refresh <kbd>r</kbd>
          </button>
        </p>
      </div>
      {found.length > 0 && <RegistrationTable items={found} traced={traced} onTrace={trace} />}
      {found.length === 0 && list.items.length > 0 && <NoMatch />}
      <ListFoot list={{ ...list, loading: list.loading && (list.more || !list.loaded) }}>
        <Empty />
      </ListFoot>
      <Toast said={said} />
    </main>
  )
}

function NoMatch() {
  return (
    <div class="empty">
      <h2>No registration matches</h2>
      <button type="button" onClick={() => refine({ q: '' })}>
        Show all registrations
      </button>
    </div>
  )
}

/** Who is traced now, and how to trace somebody. */
function useTracing(credential: Credential) {
  const { value, reload } = useAnswer<Traces>(credential, pathOf(tracesPath, { limit: 1 }))
  const [said, say] = useToast()
  const trace = (aor: string): void => {
    startTrace(credential, aor).then(
      ({ until }) => {
        say(`${aor} is traced until ${formatClock(until)}`)
        reload()
      },
      (error: unknown) => say(`Not traced: ${problemOf(error).message}`),
    )
  }
  const traced = value?.traced.filter(({ state }) => state === 'active') ?? []
  return { traced, trace, reload, said }
}
