import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import { strictBase64 } from '../base64.ts'
import { claimsOf, keyOfSecret, proveToken, refuseOutdated } from '../jwt.ts'
import { refuse } from '../refusal.ts'
import { tokenOf } from './body.ts'
import { eventTimeOf } from './fields.ts'
import type { Delivery, Refusal, Verdict, Verifier } from '../contract.ts'
import type { Settings } from './settings.ts'

export const signatureHeader = 'x-dialpad-signature'

const shortestSecret = 16
/** Seconds: a delivery is tried for 14 s, messages for longer; clocks differ by less. */
const oldest = 900
const newest = 120
const signatureBytes = 32
const where = 'JOSE'
/** Any number of bytes: one of the wrong length is a wrong signature. */
const hexText = /^(?:sha256=)?((?:[\da-f]{2}){1,128})$/

/**
 * What is wrong with a secret, in words; null if it can be one: at Dialpad it is made up by whoever makes the webhook. The
 * sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  const wanted = 'make one up with 16 or more characters, and give it to the webhook at Dialpad'
  if (!/^[!-~]*$/.test(credential)) return `it has a space or a letter beyond ASCII; ${wanted}`
  return credential.length < shortestSecret ? `it is too short; ${wanted}` : null
}

/**
 * Checks a delivery (https://developers.dialpad.com/docs/call-events-logging): the body is a JWT by HS256. Or, if so set,
 * the body is JSON and `x-dialpad-signature` its HMAC-SHA256, in hexadecimal with or without `sha256=`, or in base64.
 *
 * Nothing that is signed tells when it was sent. A retry keeps the time of its event, so an event from -900 s to +120 s is
 * taken for fresh and no clock is read from it; within that a replay is known by its dedupe key. No key is named, so each
 * one is tried in turn.
 * @throws Error at once if a credential is not usable
 */
export function verifier(credentials: readonly string[], { scheme }: Settings): Verifier {
  const keys = credentials.map(usableKey)
  const prove = scheme === 'hmac-sha256-header' ? proveHeader : proveBody
  return async (delivery, nowMs) => prove(delivery, keys, nowMs)
}

/** @throws Error if it is none */
export function usableKey(credential: string): KeyObject {
  const wrong = checkCredential(credential)
  if (wrong === null) return keyOfSecret(credential)
  throw new Error(`A Dialpad webhook secret is not usable: ${wrong}`)
}

/** The HMAC-SHA256 of a body. */
export function digest(key: KeyObject, body: Buffer): Buffer {
  return createHmac('sha256', key).update(body).digest()
}

/** A webhook without a secret sends plain JSON, which anybody can. */
function proveBody({ body }: Delivery, keys: readonly KeyObject[], nowMs: number): Verdict {
  const token = tokenOf(body)
  if (token === null) return refuse('missing_signature', 'the body is no JWT')
  const proven = proveToken(token, { keys, where })
  if (!proven.ok) return proven
  const claims = claimsOf(proven.payload)
  const outdated = claims && (refuseOutdated(claims, nowMs, where) ?? refuseOldEvent(claims, nowMs))
  return outdated ?? { ok: true, credential: proven.credential, signedAt: null }
}

function proveHeader(
  { headers, body }: Delivery,
  keys: readonly KeyObject[],
  nowMs: number,
): Verdict {
  const header = headers[signatureHeader]
  if (!header) return refuse('missing_header', signatureHeader)
  const signature = typeof header === 'string' ? readSignature(header) : null
  if (!signature) return refuse('malformed_header', signatureHeader)
  const credential = keys.findIndex(
    (key) => signature.length === signatureBytes && timingSafeEqual(digest(key, body), signature),
  )
  if (credential === -1) return refuse('bad_signature')
  return refuseOldEvent(claimsOf(body) ?? {}, nowMs) ?? { ok: true, credential, signedAt: null }
}

function readSignature(header: string): Buffer | null {
  const hex = hexText.exec(header)?.[1]
  if (hex !== undefined) return Buffer.from(hex, 'hex')
  const signature = strictBase64(header)
  return signature?.length === signatureBytes ? signature : null
}

function refuseOldEvent(fields: Parameters<typeof eventTimeOf>[0], nowMs: number): Refusal | null {
  const eventMs = eventTimeOf(fields)
  if (eventMs === null) return null
  const age = Math.floor(nowMs / 1000) - Math.floor(eventMs / 1000)
  if (age > oldest) return refuse('timestamp_too_old', age)
  return age < -newest ? refuse('timestamp_in_future', -age) : null
}
