import { cxmlVerifier, type Scheme } from '../cxml/verify.ts'
import type { Verifier } from '../contract.ts'

const shortestToken = 16

/** A repeated value is signed once, and values in the order of their UTF-16 units, as twilio-node does. */
export const scheme: Scheme = {
  header: 'x-twilio-signature',
  order: (values) => [...new Set(values)].sort(),
  signsJson: false,
}

/**
 * What is wrong with an auth token, in words; null if it can be one: what the console shows beside the account SID, 32
 * characters. The sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  const wanted = 'paste the auth token as the Twilio console shows it, 32 hexadecimal characters'
  if (/^AC[0-9a-f]{32}$/i.test(credential)) return `it is an account SID; ${wanted}`
  if (/^SK[0-9a-f]{32}$/i.test(credential)) return `it is the SID of an API key; ${wanted}`
  if (!/^[!-~]*$/.test(credential)) return `it has a space or a letter beyond ASCII; ${wanted}`
  return credential.length < shortestToken ? `it is too short; ${wanted}` : null
}

/**
 * Checks `X-Twilio-Signature` (https://www.twilio.com/docs/usage/webhooks/webhooks-security). It names no key, so each
 * token is tried in turn.
 * @throws Error at once if a credential is not usable
 */
export function verifier(credentials: readonly string[]): Verifier {
  return cxmlVerifier(scheme, credentials.map(usableToken))
}

/** @throws Error if it is none */
export function usableToken(credential: string): string {
  const wrong = checkCredential(credential)
  if (wrong === null) return credential
  throw new Error(`A Twilio auth token is not usable: ${wrong}`)
}
