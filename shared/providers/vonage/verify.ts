import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { claimsOf, compactToken, keyOfSecret, proveToken, refuseOutdated } from '../jwt.ts'
import { refuse, refuseStale } from '../refusal.ts'
import { idText, type Fields } from '../untrusted.ts'
import { signedContent } from './query.ts'
import type { Delivery, Refusal, Verdict, Verifier } from '../contract.ts'
import type { Settings } from './settings.ts'

export const tokenHeader = 'authorization'
export const scheme = 'Bearer '

const shortestSecret = 16
const latestSecond = 253_402_300_799

interface Proof {
  readonly keys: readonly KeyObject[]
  readonly settings: Settings
  readonly nowMs: number
}

/**
 * What is wrong with a signature secret, in words; null if it can be one: the one in the settings of the account. The
 * sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  const wanted = 'paste the signature secret as the API settings of the Vonage dashboard show it'
  if (!/^[!-~]*$/.test(credential)) return `it has a space or a letter beyond ASCII; ${wanted}`
  return credential.length < shortestSecret ? `it is too short; ${wanted}` : null
}

/**
 * Checks a signed webhook (https://developer.vonage.com/en/getting-started/concepts/webhooks): a JWT by HS256 that is at
 * most 300 s from now, with the SHA-256 of the body (of a GET: of its parameters), of the application that is configured,
 * if one is. It names no secret, so each one is tried in turn.
 * @throws Error at once if a credential is not usable
 */
export function verifier(credentials: readonly string[], settings: Settings): Verifier {
  const keys = credentials.map(usableKey)
  return async (delivery, nowMs) => prove(delivery, { keys, settings, nowMs })
}

/** @throws Error if it is none */
export function usableKey(credential: string): KeyObject {
  const wrong = checkCredential(credential)
  if (wrong === null) return keyOfSecret(credential)
  throw new Error(`A Vonage signature secret is not usable: ${wrong}`)
}

/** The hash of what a token is for, as it stands in it. */
export function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function prove(delivery: Delivery, { keys, settings, nowMs }: Proof): Verdict {
  const header = delivery.headers[tokenHeader]
  if (!header) return refuse('missing_header', tokenHeader)
  const token = typeof header === 'string' ? readToken(header) : null
  if (token === null) return refuse('malformed_header', tokenHeader)
  const proven = proveToken(token, { keys, where: tokenHeader })
  if (!proven.ok) return proven
  const claims = claimsOf(proven.payload)
  const signedAt = claims && signedTimeOf(claims)
  if (!claims || signedAt === null) return refuse('malformed_header', tokenHeader)
  const wrong =
    refuseStale(String(signedAt), nowMs) ??
    refuseOutdated(claims, nowMs, tokenHeader) ??
    refuseContent(claims, delivery) ??
    refuseApplication(claims, settings)
  return wrong ?? { ok: true, credential: proven.credential, signedAt }
}

/** One spelling only: a header that came twice is joined with a comma, and refused. */
function readToken(header: string): string | null {
  const token = header.startsWith(scheme) ? header.slice(scheme.length) : ''
  return compactToken.test(token) ? token : null
}

function signedTimeOf({ iat }: Fields): number | null {
  return typeof iat === 'number' && iat >= 0 && iat <= latestSecond ? Math.floor(iat) : null
}

function refuseContent({ payload_hash: told }: Fields, delivery: Delivery): Refusal | null {
  if (typeof told !== 'string' || told === '') return refuse('missing_payload_hash')
  const content = signedContent(delivery)
  if (!content)
    return refuse('unparseable_body', 'the query of the URL is no form, or says a name twice')
  const [expected, given] = [Buffer.from(hashOf(content)), Buffer.from(told)]
  const isSame = given.length === expected.length && timingSafeEqual(given, expected)
  return isSame ? null : refuse('body_hash_mismatch')
}

function refuseApplication(claims: Fields, { applicationId }: Settings): Refusal | null {
  if (applicationId === undefined || claims.application_id === applicationId) return null
  return refuse('wrong_application', idText(claims.application_id) ?? '')
}
