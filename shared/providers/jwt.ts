import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { parseJson } from './parse-json.ts'
import { refuse } from './refusal.ts'
import { fieldsOf, plainText, type Fields } from './untrusted.ts'
import type { Refusal } from './contract.ts'

/** How a token may look: three parts of base64url without padding (RFC 7515 §7.1). The last may be empty, and is then wrong. */
export const compactToken = /^[\w-]+\.[\w-]+\.[\w-]*$/

const longestHeader = 8192
const longestAlgorithm = 32
const protectedHeader = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')

/** A token that one of the keys proves, and what it says: any bytes at all. */
export interface ProvenToken {
  readonly ok: true
  readonly credential: number
  readonly payload: Buffer
}

export interface TokenCheck {
  readonly keys: readonly KeyObject[]
  /** Where the token stands, for the words of a refusal. */
  readonly where: string
}

/**
 * Checks a compact token by HS256 and nothing else (RFC 7515 §5.2, RFC 8725 §3.1). Keys are ours alone: `kid`, `jwk` and
 * `jku` are not looked at. Extensions that must be understood (`crit`, §4.1.11) are not, so they are refused. Only the one
 * spelling of base64url passes: no changed letter means the same.
 */
export function proveToken(token: string, { keys, where }: TokenCheck): ProvenToken | Refusal {
  const [header = '', payload = '', signature = ''] = token.split('.', 3)
  const fields = compactToken.test(token) ? readHeader(header) : null
  const content = strictBase64Url(payload)
  if (!fields || !content || typeof fields.alg !== 'string')
    return refuse('malformed_header', where)
  if (fields.alg !== 'HS256') return refuse('alg_not_allowed', algorithmName(fields.alg))
  if (Object.hasOwn(fields, 'crit')) return refuse('malformed_header', where)
  const told = strictBase64Url(signature)
  const credential = keys.findIndex((key) => {
    const expected = hs256(key, `${header}.${payload}`)
    return told?.length === expected.length && timingSafeEqual(told, expected)
  })
  return credential === -1 ? refuse('bad_signature') : { ok: true, credential, payload: content }
}

/** What a token says, without any proof; null if it is no token, or spelt in another way than the one. */
export function payloadOf(token: string): Buffer | null {
  return compactToken.test(token) ? strictBase64Url(token.split('.', 3)[1] ?? '') : null
}

/** The fields of a payload (RFC 7519 §4); null if it is no JSON object. */
export function claimsOf(payload: Buffer): Fields | null {
  try {
    return fieldsOf(parseJson(payload))
  } catch {
    return null
  }
}

/** Refuses a token after its `exp` or before its `nbf` (RFC 7519 §4.1.4, §4.1.5), or if they are no times; null if neither. */
export function refuseOutdated({ exp, nbf }: Fields, nowMs: number, where: string): Refusal | null {
  const now = Math.floor(nowMs / 1000)
  for (const time of [exp, nbf]) {
    if (time !== undefined && !Number.isFinite(time)) return refuse('malformed_header', where)
  }
  if (typeof exp === 'number' && now >= exp) return refuse('token_expired', now - Math.floor(exp))
  if (typeof nbf !== 'number' || now >= nbf) return null
  return refuse('timestamp_in_future', Math.ceil(nbf) - now)
}

/** A compact token with a payload, signed by HS256. */
export function signToken(key: KeyObject, payload: Buffer): string {
  const signed = `${protectedHeader}.${payload.toString('base64url')}`
  return `${signed}.${hs256(key, signed).toString('base64url')}`
}

/** The key that a secret is, byte for byte. */
export function keyOfSecret(secret: string): KeyObject {
  return createSecretKey(Buffer.from(secret))
}

function hs256(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function readHeader(encoded: string): Fields | null {
  const header = encoded.length <= longestHeader ? strictBase64Url(encoded) : null
  return header && claimsOf(header)
}

function algorithmName(alg: string): string {
  return plainText(alg.slice(0, longestAlgorithm)) ?? ''
}

/** With spare bits set, or with padding, a changed text would still be the same bytes. */
function strictBase64Url(text: string): Buffer | null {
  const decoded = Buffer.from(text, 'base64url')
  return decoded.toString('base64url') === text ? decoded : null
}
