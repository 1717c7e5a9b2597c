import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Delivery, Refusal, Verdict, Verifier } from '../contract.ts'

export const signatureHeader = 'telnyx-signature-ed25519'
export const timestampHeader = 'telnyx-timestamp'

/** Seconds a signed timestamp may differ from our clock, in either direction. */
const tolerance = 300
const keyBytes = 32
const signatureBytes = 64
// The callback form runs in the thread pool: 0.13 ms a check must not hold up the loop.
const verifyInPool = promisify(verify)

/**
 * What is wrong with a public key, in words; null if it is the base64 of 32 bytes that the portal
 * shows under Keys & Credentials. The sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  if (strictBase64(credential, keyBytes)) return null
  const wanted = 'paste the public key as the Telnyx portal shows it, 44 characters of base64'
  if (credential.includes('-----')) return `it is a PEM block; ${wanted}`
  if (/^(0x)?[0-9a-f]{64}$/i.test(credential)) return `it is hexadecimal; ${wanted}`
  if (credential.startsWith('MCowBQYDK2VwAyEA')) return `it is a DER key; ${wanted}`
  if (/^KEY[0-9A-Z]{20}/.test(credential)) return `it is an API key; ${wanted}`
  if (/^[\w+/-]{43}=?$/.test(credential)) return `it is base64url, unpadded or mistyped; ${wanted}`
  return `it is not the base64 of 32 bytes; ${wanted}`
}

/**
 * Checks Ed25519 (RFC 8032) over `timestamp|body`, the timestamp in Unix seconds, as in
 * https://developers.telnyx.com/docs/development/api-fundamentals/webhooks.
 * The headers have no key id, so each public key is tried in turn.
 * @throws Error at once if a credential is not usable
 */
export function verifier(credentials: readonly string[]): Verifier {
  const keys = credentials.map(importKey)
  return async ({ headers, body }, nowMs) => {
    const signed = readHeaders(headers)
    if ('ok' in signed) return signed
    const stale = checkAge(Number(signed.timestamp), nowMs)
    if (stale) return stale
    const message = Buffer.concat([Buffer.from(`${signed.timestamp}|`), body])
    return matchKey(keys, message, signed.signature)
  }
}

function importKey(credential: string): KeyObject {
  const problem = checkCredential(credential)
  if (problem !== null) throw new Error(`A Telnyx public key is not usable: ${problem}`)
  const x = Buffer.from(credential, 'base64').toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

/** Reads both headers strictly, before any crypto; a repeated header is malformed. */
function readHeaders(
  headers: Delivery['headers'],
): { timestamp: string; signature: Buffer } | Refusal {
  const timestamp = headers[timestampHeader]
  const encoded = headers[signatureHeader]
  if (!encoded) return refuse('missing_header', signatureHeader)
  if (!timestamp) return refuse('missing_header', timestampHeader)
  const signature = typeof encoded === 'string' ? strictBase64(encoded, signatureBytes) : null
  if (!signature) return refuse('malformed_header', signatureHeader)
  if (typeof timestamp !== 'string' || !/^\d{1,15}$/.test(timestamp)) {
    return refuse('malformed_header', timestampHeader)
  }
  return { timestamp, signature }
}

function checkAge(timestamp: number, nowMs: number): Refusal | null {
  const age = Math.floor(nowMs / 1000) - timestamp
  if (age > tolerance) return refuse('timestamp_too_old', age)
  return age < -tolerance ? refuse('timestamp_in_future', -age) : null
}

async function matchKey(
  keys: readonly KeyObject[],
  message: Buffer,
  signature: Buffer,
): Promise<Verdict> {
  for (const [credential, key] of keys.entries()) {
    if (await verifyInPool(null, message, key, signature)) return { ok: true, credential }
  }
  return refuse('bad_signature')
}

function refuse(code: Refusal['code'], ...args: (string | number)[]): Refusal {
  return { ok: false, code, args }
}

/**
 * Padded standard base64 (RFC 4648 §4) of exactly `bytes` bytes, in its one canonical spelling:
 * with spare bits set, a changed header would still carry the same signature.
 */
function strictBase64(text: string, bytes: number): Buffer | null {
  if (text.length !== Math.ceil(bytes / 3) * 4) return null
  const decoded = Buffer.from(text, 'base64')
  return decoded.length === bytes && decoded.toString('base64') === text ? decoded : null
}
