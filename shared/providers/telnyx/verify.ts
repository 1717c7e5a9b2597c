import { strictBase64 } from '../base64.ts'
import { importPublicKey, verifyEd25519 } from '../ed25519.ts'
import { isUnixSeconds, refuse, refuseStale } from '../refusal.ts'
import type { KeyObject } from 'node:crypto'
import type { Delivery, Refusal, Verifier } from '../contract.ts'

export const signatureHeader = 'telnyx-signature-ed25519'
export const timestampHeader = 'telnyx-timestamp'

const signatureBytes = 64

/**
 * What is wrong with a public key, in words; null if it is the base64 of 32 bytes that the portal
 * shows under Keys & Credentials. The sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  if (importPublicKey(credential)) return null
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
    const stale = refuseStale(signed.timestamp, nowMs)
    if (stale) return stale
    const message = Buffer.concat([Buffer.from(`${signed.timestamp}|`), body])
    const credential = await matchKey(keys, message, signed.signature)
    if (credential === null) return refuse('bad_signature')
    return { ok: true, credential, signedAt: Number(signed.timestamp) }
  }
}

function importKey(credential: string): KeyObject {
  const key = importPublicKey(credential)
  if (key) return key
  throw new Error(`A Telnyx public key is not usable: ${checkCredential(credential)}`)
}

/** Reads both headers strictly, before any crypto; a repeated header is malformed. */
function readHeaders(
  headers: Delivery['headers'],
): { timestamp: string; signature: Buffer } | Refusal {
  const timestamp = headers[timestampHeader]
  const encoded = headers[signatureHeader]
  if (!encoded) return refuse('missing_header', signatureHeader)
  if (!timestamp) return refuse('missing_header', timestampHeader)
  const signature = typeof encoded === 'string' ? strictBase64(encoded) : null
  if (signature?.length !== signatureBytes) return refuse('malformed_header', signatureHeader)
  if (!isUnixSeconds(timestamp)) return refuse('malformed_header', timestampHeader)
  return { timestamp, signature }
}

async function matchKey(
  keys: readonly KeyObject[],
  message: Buffer,
  signature: Buffer,
): Promise<number | null> {
  for (const [credential, key] of keys.entries()) {
    if (await verifyEd25519(key, message, signature)) return credential
  }
  return null
}
