import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { refuse, refuseStale } from '../refusal.ts'
import type { Verifier } from '../contract.ts'

export const signatureHeader = 'x-retell-signature'

const shortestKey = 16
/** Milliseconds in their one decimal spelling, hexadecimal in lower case: a changed header must not mean the same. */
const signatureText = /^v=(0|[1-9]\d{0,14}),d=([\da-f]{64})$/

/**
 * What is wrong with an API key, in words; null if it can be one: the one with the webhook badge in the dashboard. The
 * sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  const wanted = 'paste the API key with the webhook badge as the Retell dashboard shows it'
  if (!/^[!-~]*$/.test(credential)) return `it has a space or a letter beyond ASCII; ${wanted}`
  return credential.length < shortestKey ? `it is too short; ${wanted}` : null
}

/**
 * Checks `x-retell-signature` (https://docs.retellai.com/features/secure-webhook): HMAC-SHA256 over the body and, right
 * after it, the time in milliseconds. It names no key, so each one is tried in turn. Digits cannot be moved between the
 * two: a body of JSON ends with a brace.
 * @throws Error at once if a credential is not usable
 */
export function verifier(credentials: readonly string[]): Verifier {
  const keys = credentials.map(usableKey)
  return async ({ headers, body }, nowMs) => {
    const header = headers[signatureHeader]
    if (!header) return refuse('missing_header', signatureHeader)
    const match = typeof header === 'string' ? signatureText.exec(header) : null
    if (!match) return refuse('malformed_header', signatureHeader)
    const [, unixMs = '', hex = ''] = match
    const signedAt = Math.floor(Number(unixMs) / 1000)
    const stale = refuseStale(String(signedAt), nowMs)
    if (stale) return stale
    const signature = Buffer.from(hex, 'hex')
    const credential = keys.findIndex((key) =>
      timingSafeEqual(digest(key, body, unixMs), signature),
    )
    return credential === -1 ? refuse('bad_signature') : { ok: true, credential, signedAt }
  }
}

/** @throws Error if it is none */
export function usableKey(credential: string): KeyObject {
  const wrong = checkCredential(credential)
  if (wrong === null) return createSecretKey(Buffer.from(credential))
  throw new Error(`A Retell API key is not usable: ${wrong}`)
}

/** The HMAC-SHA256 of a body and the time that follows it. */
export function digest(key: KeyObject, body: Buffer, unixMs: string): Buffer {
  return createHmac('sha256', key).update(body).update(unixMs).digest()
}
