import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { strictBase64 } from './base64.ts'

const keyBytes = 32
// The callback form runs in the thread pool: 0.13 ms a check must not hold up the loop.
const verifyInPool = promisify(verify)

/** Makes a key of the base64 of its 32 bytes (RFC 8032 §5.1.5); null if the text is none. */
export function importPublicKey(text: string): KeyObject | null {
  const bytes = strictBase64(text)
  if (bytes?.length !== keyBytes) return null
  const x = bytes.toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

/** Checks a signature (RFC 8032 §5.1.7). */
export function verifyEd25519(
  key: KeyObject,
  message: Buffer,
  signature: Buffer,
): Promise<boolean> {
  return verifyInPool(null, message, key, signature)
}
