import { request, type Page } from '../api/request.ts'
import type { Credential } from '../api/credential.ts'

/** Whose SIP is or was written down. */
export interface Traced {
  readonly aor: string
  readonly by: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly until: string
  readonly state: 'active' | 'ended' | 'full'
  readonly messages: number
  readonly dropped: number
}

/** A call that was written down. */
export interface TracedCall {
  /** Its Call-ID. */
  readonly call: string
  readonly method: string
  readonly from: string
  readonly to: string
  readonly upstream: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly lastAt: string
  readonly messages: number
}

export interface Traces extends Page<TracedCall> {
  readonly traced: readonly Traced[]
}

/** A message that was written down. */
export interface TracedMessage {
  /** RFC 3339, milliseconds. */
  readonly at: string
  readonly from: 'browser' | 'upstream'
  readonly upstream: string
  /** Of the browser. */
  readonly address: string
  /** Of its socket. */
  readonly port: number | null
  readonly startLine: string
  readonly message: string
}

/** The messages of a call. */
export interface Ladder {
  readonly call: string
  readonly messages: readonly TracedMessage[]
  readonly complete: boolean
  readonly missing: 'beginning' | 'end' | 'lost' | 'limit' | null
}

export const tracesPath = 'api/sip-trace'

/** Begins to write down the SIP of a user. @throws Problem */
export function startTrace(
  credential: Credential,
  aor: string,
  minutes = 10,
): Promise<Pick<Traced, 'aor' | 'until'>> {
  return request(credential, tracesPath, { method: 'POST', body: { aor, minutes } })
}

/** A user as traces name it: they mean any port. */
export function canonicalAor(aor: string): string {
  return aor.replace(/:\d+$/, '')
}
