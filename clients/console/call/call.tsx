import { useEffect, useRef } from 'preact/hooks'
import { base } from '../commands.ts'
import { useKeys } from '../keys.ts'
import { Parties } from '../live/cells.tsx'
import { lookOf } from '../live/look.ts'
import { Badge } from '../parts/badge.tsx'
import { copyText, CopyButton } from '../parts/copy.tsx'
import { ProblemPanel } from '../parts/problem.tsx'
import { Toast, useToast } from '../parts/toast.tsx'
import { go, hrefOf } from '../route.ts'
import { SipLadderLink } from '../sip-trace/of-call.tsx'
import { Facts, Legs } from './facts.tsx'
import { useCall, type WholeCall } from './follow.ts'
import { Media } from './media.tsx'
import { Timeline } from './timeline.tsx'
import { Transcript } from './transcript.tsx'
import type { Credential } from '../api/credential.ts'
import type { Store } from '../store.ts'

interface CallProps {
  readonly credential: Credential
  readonly id: string
  /** The filters of the list behind it. */
  readonly query: URLSearchParams
  readonly store: Store | null
}

/** One call: what is known of it, what was recorded, and everything that happened to it. */
export function Call({ credential, id, query, store }: CallProps) {
  const { value: call, loading, problem, reload } = useCall({ credential, id, store })
  const [said, say] = useToast()
  useKeys({
    Escape: () => go({ page: 'calls', query }),
    c: () => void copyText(id).then(() => say(`Copied ${id}`)),
  })
  return (
    <main class="page call" aria-busy={loading}>
      <p class="back">
        <a href={hrefOf({ page: 'calls', query })}>Calls</a> <kbd>Esc</kbd>
      </p>
      <Head id={id} call={call} loading={loading} />
      {call && <SipLadderLink credential={credential} ids={idsOf(call)} />}
      {problem && <ProblemPanel problem={problem} retry={reload} />}
      {call && (
        <div class="call-parts">
          <div class="call-known">
            <Facts call={call} />
            <Legs legs={call.legs} />
            <Media credential={credential} call={call} />
            <Transcript timeline={call.timeline} />
          </div>
          <Timeline call={call} store={store} />
        </div>
      )}
      <Toast said={said} />
    </main>
  )
}

interface HeadProps {
  readonly id: string
  readonly call: WholeCall | null
  readonly loading: boolean
}

function Head({ id, call, loading }: HeadProps) {
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus({ preventScroll: true }), [])
  return (
    <div class="page-head">
      {call && <Badge look={lookOf(call)} />}
      <h1 ref={title} tabIndex={-1}>
        {call ? (
          <Parties record={call} callerName={nameIn(call)} />
        ) : loading ? (
          'Loading the call…'
        ) : (
          'Call'
        )}
      </h1>
      <div class="buttons">
        <CopyButton text={call?.id ?? id} label="Copy id" />
        <CopyButton text={curlOf(call?.id ?? id)} label="Copy as curl" />
      </div>
    </div>
  )
}

/** Providers that are PBXs call a call by its Call-ID. */
function idsOf({ id, provider_ids }: WholeCall): string[] {
  return [id, ...Object.values(provider_ids).map(String)]
}

/** What asks for the same from a terminal; the token stays here. */
function curlOf(id: string): string {
  const url = `${base}/api/calls/${encodeURIComponent(id)}`.replaceAll("'", '%27')
  return `curl -H "Authorization: Bearer $TOKEN" '${url}'`
}

function nameIn({ timeline }: WholeCall): string | null {
  const names = timeline.map(({ data }) => data.details['caller_name'])
  return names.find((name) => typeof name === 'string' && name !== '') as string | null
}
