import { useAnswer } from '../api/answer.ts'
import type { Credential } from '../api/credential.ts'

interface Report {
  readonly checks?: Readonly<Record<string, { readonly status: string; readonly reason?: string }>>
}

/** Says it as loudly as it is dangerous. */
export function InsecureUpstreams({ credential }: { credential: Credential }) {
  const { value } = useAnswer<Report>(credential, 'health')
  const check = value?.checks?.['sip']
  if (!check || check.status === 'ok') return null
  return (
    <p class="insecure" role="alert">
      <b>Insecure upstream.</b> {check.reason}
    </p>
  )
}
