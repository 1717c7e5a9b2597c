import { CallTraces } from './call-traces.tsx'
import { LadderPage } from './ladder-page.tsx'
import type { PageProps } from '../page.ts'

/** Whose SIP is written down, what was, and one call of it. */
export function SipTrace({ credential, route: { id, query } }: PageProps) {
  if (id !== null) return <LadderPage key={id} {...{ credential, id }} />
  return <CallTraces {...{ credential, query }} />
}
