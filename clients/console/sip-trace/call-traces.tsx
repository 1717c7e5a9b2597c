import { useRef } from 'preact/hooks'
import { useAnswer } from '../api/answer.ts'
import { problemOf } from '../api/problem.ts'
import { pathOf, request } from '../api/request.ts'
import { useKeys } from '../keys.ts'
import { Answered } from '../operate/answered.tsx'
import { useRowKeys } from '../operate/row-keys.ts'
import { useRepeat } from '../parts/repeat.ts'
import { Toast, useToast } from '../parts/toast.tsx'
import { hrefOf, queryWith } from '../route.ts'
import { CallTable } from './call-table.tsx'
import { StartTrace } from './start-trace.tsx'
import { TracedTable } from './traced-table.tsx'
import { tracesPath, type Traces } from './traces.ts'
import type { Credential } from '../api/credential.ts'

interface CallTracesProps {
  readonly credential: Credential
  readonly query: URLSearchParams
}

/** While somebody is traced, what is new shows by itself. */
const everyMs = 3_000

/** Who is traced, and the calls that were written down. */
export function CallTraces({ credential, query }: CallTracesProps) {
  const cursor = query.get('after')
  const answer = useAnswer<Traces>(credential, pathOf(tracesPath, { cursor }))
  const { value: traces, reload } = answer
  const [said, say] = useToast()
  const page = useRef<HTMLElement>(null)
  const first = useRef<HTMLInputElement>(null)
  const isActive = traces?.traced.some(({ state }) => state === 'active') ?? false
  useRepeat(isActive ? everyMs : null, reload)
  useRowKeys({ list: page, filter: first })
  useKeys({ r: reload })
  const end = (aor: string): void => {
    request(credential, pathOf(tracesPath, { aor }), { method: 'DELETE' }).then(reload, (error) =>
      say(`Not ended: ${problemOf(error).message}`),
    )
  }
  return (
    <main ref={page} class="page operate sip-trace">
      <div class="page-head">
        <h1 tabIndex={-1}>SIP trace</h1>
        <p class="buttons">
          <button type="button" onClick={reload}>
            Refresh <kbd>r</kbd>
          </button>
        </p>
      </div>
      <StartTrace credential={credential} field={first} onStart={reload} />
      <Answered answer={answer} known={traces !== null}>
        {traces && (
          <>
            <TracedTable traced={traces.traced} onEnd={end} />
            <CallTable calls={traces.items} isActive={isActive} />
            <Pager query={query} next={traces.next} />
          </>
        )}
      </Answered>
      <Toast said={said} />
    </main>
  )
}

/** The way to earlier calls, and back to the newest. */
function Pager({ query, next }: { query: URLSearchParams; next: string | null }) {
  const to = (after: string): string =>
    hrefOf({ page: 'sip-trace', query: queryWith(query, { after }) })
  return (
    <p class="pager">
      {query.has('after') && <a href={to('')}>Newest</a>}
      {next !== null && <a href={to(next)}>Older</a>}
    </p>
  )
}
