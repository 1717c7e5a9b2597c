import { createHash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { isUnixSeconds, refuse, refuseStale } from '../refusal.ts'
import { planOf, type Plan, type Settings } from './settings.ts'
import { keyOf, readSignature, signerOf } from './signature.ts'
import type { Delivery, Refusal, Verifier } from '../contract.ts'

export const secretHeader = 'x-vapi-secret'
export const bearerHeader = 'authorization'
export const bearerPrefix = 'Bearer '

const shortestSecret = 16
/** No time in seconds is as large before the year 5138, none in milliseconds as small since 1973. */
const leastMs = 100_000_000_000
/** Visible ASCII; a header that came twice is joined with a space in it. */
const messageIdText = /^[!-~]{1,256}$/

/** What the headers say is signed, and with what. */
interface Signed {
  readonly timestamp: string
  readonly messageId: string
  readonly signature: Buffer
}

/**
 * What is wrong with a secret, in words; null if it can be one: at Vapi it is made up by whoever sets up the server, and
 * it is all that tells Vapi from a stranger. The sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  const wanted = 'make one up with 16 or more characters, and give it to Vapi and to us'
  if (!/^[!-~]*$/.test(credential)) return `it has a space or a letter beyond ASCII; ${wanted}`
  return credential.length < shortestSecret ? `it is too short; ${wanted}` : null
}

/**
 * Checks what a server credential of Vapi sends (https://docs.vapi.ai/server-url/server-authentication): the secret
 * itself in `X-Vapi-Secret`, the same as a bearer token, or an HMAC of which every part can be chosen. No scheme names a
 * key, so each secret is tried in turn.
 * @throws Error at once if a credential or the settings are not usable
 */
export function verifier(credentials: readonly string[], settings: Settings): Verifier {
  const secrets = credentials.map(usableSecret)
  if (settings.scheme === 'hmac') return hmacVerifier(secrets, planOf(settings))
  if (settings.scheme !== 'bearer') return tokenVerifier(secrets, secretHeader)
  const tokens = secrets.map((secret) => `${bearerPrefix}${secret}`)
  return tokenVerifier(tokens, bearerHeader)
}

/** @throws Error if it is none */
export function usableSecret(credential: string): string {
  const wrong = checkCredential(credential)
  if (wrong === null) return credential
  throw new Error(`A Vapi secret is not usable: ${wrong}`)
}

/** @throws Error if it is not base64 though it should be */
export function usableKey(credential: string, plan: Plan): KeyObject {
  const key = keyOf(usableSecret(credential), plan)
  if (key) return key
  throw new Error('A Vapi secret is not usable: it is not base64, and secretIsBase64 is true')
}

/** Nothing is signed, so what is compared is the header, by digests: neither length nor place of a difference shows. */
function tokenVerifier(values: readonly string[], header: string): Verifier {
  const digests = values.map(digestOf)
  return async ({ headers }) => {
    const value = headers[header]
    if (!value) return refuse('missing_header', header)
    if (typeof value !== 'string') return refuse('malformed_header', header)
    const told = digestOf(value)
    const credential = digests.findIndex((digest) => timingSafeEqual(digest, told))
    return credential === -1
      ? refuse('bad_secret', header)
      : { ok: true, credential, signedAt: null }
  }
}

function hmacVerifier(credentials: readonly string[], plan: Plan): Verifier {
  const keys = credentials.map((credential) => usableKey(credential, plan))
  const digest = signerOf(plan)
  return async ({ method, url, headers, body }, nowMs) => {
    const signed = readHeaders(headers, plan)
    if ('ok' in signed) return signed
    const { timestamp, messageId, signature } = signed
    const signedAt = timestamp === '' ? null : secondsOf(timestamp)
    const stale = signedAt === null ? null : refuseStale(String(signedAt), nowMs)
    if (stale) return stale
    const message = { method, url, body, timestamp, messageId }
    const credential = keys.findIndex((key) => timingSafeEqual(digest(key, message), signature))
    return credential === -1 ? refuse('bad_signature') : { ok: true, credential, signedAt }
  }
}

/** Reads strictly what the format names, before any crypto; a header that came twice is malformed. */
function readHeaders(headers: Delivery['headers'], plan: Plan): Signed | Refusal {
  const { signatureHeader, payloadFormat } = plan
  const encoded = headers[signatureHeader]
  if (!encoded) return refuse('missing_header', signatureHeader)
  const signature = typeof encoded === 'string' ? readSignature(encoded, plan) : null
  if (!signature) return refuse('malformed_header', signatureHeader)
  const isSigned = (placeholder: string): boolean => payloadFormat.includes(placeholder)
  const timestamp = isSigned('{timestamp}')
    ? readHeader(headers, plan.timestampHeader, isUnixSeconds)
    : ''
  if (typeof timestamp !== 'string') return timestamp
  const messageId = isSigned('{svix-id}')
    ? readHeader(headers, plan.messageIdHeader, (id) => messageIdText.test(id))
    : ''
  return typeof messageId === 'string' ? { timestamp, messageId, signature } : messageId
}

function readHeader(
  headers: Delivery['headers'],
  name: string,
  isRight: (value: string) => boolean,
): string | Refusal {
  const value = headers[name]
  if (!value) return refuse('missing_header', name)
  if (typeof value !== 'string' || !isRight(value)) return refuse('malformed_header', name)
  return value
}

/** Vapi does not say in which unit it writes the time. */
function secondsOf(timestamp: string): number {
  const time = Number(timestamp)
  return time < leastMs ? time : Math.floor(time / 1000)
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
