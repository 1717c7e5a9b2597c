import { createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { strictBase64 } from '../base64.ts'
import { readForm } from '../form.ts'
import { refuse } from '../refusal.ts'
import {
  hashOf,
  hmacSha1,
  looksLikeJson,
  promisedHash,
  signedForm,
  spellingsOf,
  type ValueOrder,
} from './signature.ts'
import type { Delivery, Refusal, Verifier } from '../contract.ts'

/** What differs between those who sign the way of Twilio. */
export interface Scheme {
  /** The header with the signature, in lower case. */
  readonly header: string
  readonly order: ValueOrder
  /** Whether JSON is signed as it is, after the URL, in hexadecimal. */
  readonly signsJson: boolean
}

/** The URLs that may have been signed, what was signed after them, and with what outcome. */
interface Signed {
  readonly urls: readonly string[]
  readonly rest: string | Buffer
  readonly signature: Buffer
}

const signatureBytes = 20
const hexSignature = /^[0-9a-f]{40}$/

/**
 * Checks HMAC-SHA1 over the URL and the sorted parameters, as in
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security. A body that is no form is covered by its hash in the
 * URL. Neither the method nor the content type is signed, so neither says what was. No time is signed: a replay is
 * known by its dedupe key.
 */
export function cxmlVerifier(scheme: Scheme, credentials: readonly string[]): Verifier {
  const keys = credentials.map((credential) => createSecretKey(Buffer.from(credential)))
  return async (delivery) => {
    const signed = readSigned(scheme, delivery)
    if ('ok' in signed) return signed
    const credential = keys.findIndex((key) => proves(key, signed))
    if (credential === -1) return refuse('bad_signature')
    const hash = promisedHash(delivery.url)
    if (hash !== null && !isHashOf(delivery.body, hash)) return refuse('body_hash_mismatch')
    return { ok: true, credential, signedAt: null }
  }
}

/** Reads the signature strictly, before any crypto; a header that came twice is malformed. */
function readSigned({ header, order, signsJson }: Scheme, delivery: Delivery): Signed | Refusal {
  const { url, body } = delivery
  const encoded = delivery.headers[header]
  if (!encoded) return refuse('missing_header', header)
  if (typeof encoded !== 'string') return refuse('malformed_header', header)
  const hashed = promisedHash(url) !== null
  if (signsJson && !hashed && looksLikeJson(body)) {
    if (!hexSignature.test(encoded)) return refuse('malformed_header', header)
    return { urls: [url], rest: body, signature: Buffer.from(encoded, 'hex') }
  }
  const signature = strictBase64(encoded)
  if (signature?.length !== signatureBytes) return refuse('malformed_header', header)
  const urls = spellingsOf(url)
  if (hashed) return { urls, rest: '', signature }
  const form = readForm(body.toString())
  if (!form) return refuse('unparseable_body', 'it is no form of at most 1000 parameters')
  return { urls, rest: signedForm(form, order), signature }
}

function proves(key: KeyObject, { urls, rest, signature }: Signed): boolean {
  return urls.some((url) => timingSafeEqual(hmacSha1(key, url, rest), signature))
}

function isHashOf(body: Buffer, hash: string): boolean {
  const [expected, promised] = [Buffer.from(hashOf(body)), Buffer.from(hash)]
  return promised.length === expected.length && timingSafeEqual(promised, expected)
}
