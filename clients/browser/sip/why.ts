import type { Account } from './account.ts'
import type { SipConfig } from './config.ts'

/** What a socket from here would get. */
export interface Reason {
  readonly ok: boolean
  /** `ok`, a code of the server's table, or `unreachable`. */
  readonly code: string
  readonly message: string
  /** What helps, if the server knows. */
  readonly fix: string | null
}

/** The server itself may take seconds to find out that the PBX does not answer. */
const deadlineMs = 20_000

/** Asks the server why a socket fails, which no page can see by itself (1006). Never rejects. */
export async function why(
  { wssServerUrl }: SipConfig,
  { token }: Partial<Account> = {},
): Promise<Reason> {
  const url = wssServerUrl.replace(
    /^ws(.*)\/api\/sip-ws\/([^?]*).*$/,
    'http$1/api/sip-check?upstream=$2',
  )
  try {
    const credential = typeof token === 'function' ? await token() : token
    const headers = credential ? { authorization: `Bearer ${credential}` } : {}
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(deadlineMs) })
    return (await response.json()) as Reason
  } catch {
    return { ok: false, code: 'unreachable', message: `${url} cannot be asked`, fix: null }
  }
}
