import { useAnswer } from '../api/answer.ts'
import { pathOf } from '../api/request.ts'
import { hrefOf } from '../route.ts'
import { tracesPath, type Traces } from './traces.ts'
import type { Credential } from '../api/credential.ts'

interface SipLadderLinkProps {
  readonly credential: Credential
  /** The ids that a call goes by, of which one may be its Call-ID. */
  readonly ids: readonly string[]
}

/** Leads to the ladder of a call, if its SIP was written down. */
export function SipLadderLink({ credential, ids }: SipLadderLinkProps) {
  const { value } = useAnswer<Traces>(credential, pathOf(tracesPath, { limit: 200 }))
  const traced = value?.items.find(({ call }) => ids.includes(call))
  if (!traced) return null
  return <a href={hrefOf({ page: 'sip-trace', id: traced.call })}>SIP ladder</a>
}
