import { cxmlVerifier, type Scheme } from '../cxml/verify.ts'
import type { Verifier } from '../contract.ts'

const shortestKey = 16

/** Repeated values are signed as they come, as SignalWire's own library does. */
export const scheme: Scheme = {
  header: 'x-signalwire-signature',
  order: (values) => values,
  signsJson: true,
}

/**
 * What is wrong with a signing key, in words; null if it can be one: what the dashboard shows under API as Signing Key.
 * The sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  const wanted = 'paste the signing key as the SignalWire dashboard shows it on the API page'
  if (/^PT[0-9a-f]{40,}$/i.test(credential)) return `it is an API token; ${wanted}`
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(credential)) {
    return `it is a project id; ${wanted}`
  }
  if (!/^[!-~]*$/.test(credential)) return `it has a space or a letter beyond ASCII; ${wanted}`
  return credential.length < shortestKey ? `it is too short; ${wanted}` : null
}

/**
 * Checks `X-SignalWire-Signature`: base64 over the URL and the parameters of a form, hexadecimal over the URL and a
 * body of JSON (https://developer.signalwire.com, Webhook security). It names no key, so each one is tried in turn.
 * @throws Error at once if a credential is not usable
 */
export function verifier(credentials: readonly string[]): Verifier {
  return cxmlVerifier(scheme, credentials.map(usableKey))
}

/** @throws Error if it is none */
export function usableKey(credential: string): string {
  const wrong = checkCredential(credential)
  if (wrong === null) return credential
  throw new Error(`A SignalWire signing key is not usable: ${wrong}`)
}
