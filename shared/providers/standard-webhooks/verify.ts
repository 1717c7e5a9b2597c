import { createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { strictBase64 } from '../base64.ts'
import type { Delivery, Refusal, Verifier } from '../contract.ts'
import { importPublicKey, verifyEd25519 } from '../ed25519.ts'
import { isUnixSeconds, refuse, refuseStale } from '../refusal.ts'
import { namesIn } from './headers.ts'
import { digest, readSignatures, type Signatures } from './signature.ts'

/** What the headers say is signed, and with what. */
interface Signed {
  readonly timestamp: string
  /** What is signed before the body, `id.timestamp.` */
  readonly prefix: string
  readonly signatures: Signatures
}

/** Tells whether one credential made one of the signatures. */
type Proof = (signed: Signed, body: Buffer) => boolean | Promise<boolean>

const shortestSecret = 24
const longestSecret = 64
const secretPrefix = 'whsec_'
const publicKeyPrefix = 'whpk_'
const privateKeyPrefix = 'whsk_'
/** Visible ASCII; a header that came twice is joined with a space in it. */
const messageId = /^[!-~]+$/

/**
 * What is wrong with a credential, in words; null if it is a signing secret (`whsec_` and the
 * base64 of 24 to 64 bytes) or an Ed25519 public key (`whpk_` and the base64 of 32), as in
 * § Signature scheme. The sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  const proof = proofBy(credential)
  return typeof proof === 'string' ? proof : null
}

/**
 * Checks Standard Webhooks 1.0.0 (§ Verifying webhook authenticity): `v1`, HMAC-SHA256, or `v1a`,
 * Ed25519, over `id.timestamp.body`. Neither headers nor signatures name a key, so each credential
 * is tried in turn, with every signature of its version.
 *
 * An id may have a dot in it. A message that is cut at another dot than its sender's still matches,
 * but has no JSON object for a body, so it never becomes an event.
 * @throws Error at once if a credential is not usable
 */
export function verifier(credentials: readonly string[]): Verifier {
  const proofs = credentials.map(importProof)
  return async ({ headers, body }, nowMs) => {
    const signed = readHeaders(headers)
    if ('ok' in signed) return signed
    const stale = refuseStale(signed.timestamp, nowMs)
    if (stale) return stale
    for (const [credential, proves] of proofs.entries()) {
      if (!(await proves(signed, body))) continue
      return { ok: true, credential, signedAt: Number(signed.timestamp) }
    }
    return refuse('bad_signature')
  }
}

/** @throws Error unless the text is `whsec_` and the base64 of 24 to 64 bytes */
export function importSecret(text: string): KeyObject {
  const secret = secretOf(text)
  if (typeof secret !== 'string') return secret
  throw new Error(`A signing secret of Standard Webhooks is not usable: ${secret}`)
}

function importProof(credential: string): Proof {
  const proof = proofBy(credential)
  if (typeof proof !== 'string') return proof
  throw new Error(`A credential of Standard Webhooks is not usable: ${proof}`)
}

/** @returns what the credential proves with, or what is wrong with it */
function proofBy(credential: string): Proof | string {
  if (credential.startsWith(publicKeyPrefix)) {
    const key = importPublicKey(credential.slice(publicKeyPrefix.length))
    return key ? asymmetric(key) : 'it is not whpk_ and the base64 of 32 bytes'
  }
  const secret = secretOf(credential)
  return typeof secret === 'string' ? secret : symmetric(secret)
}

/** @returns the secret, or what is wrong with it */
function secretOf(credential: string): KeyObject | string {
  const wanted = 'paste the signing secret as the sender shows it, whsec_ and base64'
  if (credential.startsWith(privateKeyPrefix)) {
    return 'it is the private key of the sender; paste the public one, whpk_ and base64'
  }
  if (!credential.startsWith(secretPrefix)) return `it does not begin with whsec_; ${wanted}`
  const bytes = strictBase64(credential.slice(secretPrefix.length))
  if (!bytes) return `it is base64url, unpadded or mistyped; ${wanted}`
  if (bytes.length < shortestSecret) return `it has fewer than 24 bytes; ${wanted} of 24 or more`
  if (bytes.length > longestSecret) return `it has more than 64 bytes; ${wanted} of 64 or fewer`
  return createSecretKey(bytes)
}

function symmetric(secret: KeyObject): Proof {
  return ({ prefix, signatures: { v1 } }, body) => {
    if (v1.length === 0) return false
    const expected = digest(secret, prefix, body)
    return v1.some((signature) => timingSafeEqual(signature, expected))
  }
}

function asymmetric(key: KeyObject): Proof {
  return async ({ prefix, signatures: { v1a } }, body) => {
    if (v1a.length === 0) return false
    const message = Buffer.concat([Buffer.from(prefix), body])
    for (const signature of v1a) {
      if (await verifyEd25519(key, message, signature)) return true
    }
    return false
  }
}

/** Reads the three headers strictly, before any crypto; one that came twice is malformed. */
function readHeaders(headers: Delivery['headers']): Signed | Refusal {
  const names = namesIn(headers)
  const { [names.id]: id, [names.timestamp]: timestamp, [names.signature]: signature } = headers
  if (!id) return refuse('missing_header', names.id)
  if (!timestamp) return refuse('missing_header', names.timestamp)
  if (!signature) return refuse('missing_header', names.signature)
  if (typeof id !== 'string' || !messageId.test(id)) return refuse('malformed_header', names.id)
  if (!isUnixSeconds(timestamp)) return refuse('malformed_header', names.timestamp)
  const signatures = typeof signature === 'string' ? readSignatures(signature) : null
  if (!signatures) return refuse('malformed_header', names.signature)
  return { timestamp, prefix: `${id}.${timestamp}.`, signatures }
}
