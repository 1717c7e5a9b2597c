import { createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { strictBase64 } from '../base64.ts'
import { readForm } from '../form.ts'
import { refuse } from '../refusal.ts'
import { hmacSha256, signedText } from './signature.ts'
import type { Delivery, Refusal, Verifier } from '../contract.ts'

export const signatureHeader = 'x-plivo-signature-v3'
export const nonceHeader = 'x-plivo-signature-v3-nonce'

const signatureBytes = 32
const mostSignatures = 16
const shortestToken = 16
/** No dot: one parts the nonce from what is signed before it. */
const nonceText = /^[\w-]{1,128}$/

interface Signed {
  readonly text: string
  readonly nonce: string
  readonly signatures: readonly Buffer[]
}

/**
 * What is wrong with an auth token, in words; null if it can be one: what the console shows beside the auth id. The
 * sentence never repeats the credential.
 */
export function checkCredential(credential: string): string | null {
  const wanted = 'paste the auth token as the Plivo console shows it, 40 characters'
  if (/^(?:MA|SA)[0-9A-Z]{18}$/.test(credential)) return `it is an auth id; ${wanted}`
  if (!/^[!-~]*$/.test(credential)) return `it has a space or a letter beyond ASCII; ${wanted}`
  return credential.length < shortestToken ? `it is too short; ${wanted}` : null
}

/**
 * Checks `X-Plivo-Signature-V3` (https://www.plivo.com/docs/voice/concepts/signature-validation): HMAC-SHA256 over the
 * URL, the sorted parameters and a nonce, one signature or up to 16 with commas between. Neither names a key, so each
 * token is tried in turn. The nonce tells no time and nothing is remembered here: a replay is known by its dedupe key.
 * @throws Error at once if a credential is not usable
 */
export function verifier(credentials: readonly string[]): Verifier {
  const keys = credentials.map((credential) =>
    createSecretKey(Buffer.from(usableToken(credential))),
  )
  return async (delivery) => {
    const signed = readSigned(delivery)
    if ('ok' in signed) return signed
    const credential = keys.findIndex((key) => proves(key, signed))
    if (credential === -1) return refuse('bad_signature')
    return { ok: true, credential, signedAt: null }
  }
}

/** @throws Error if it is none */
export function usableToken(credential: string): string {
  const wrong = checkCredential(credential)
  if (wrong === null) return credential
  throw new Error(`A Plivo auth token is not usable: ${wrong}`)
}

/** Reads both headers strictly, before any crypto; one that came twice is malformed. */
function readSigned({ headers, url, body }: Delivery): Signed | Refusal {
  const { [signatureHeader]: encoded, [nonceHeader]: nonce } = headers
  if (!encoded) return refuse('missing_header', signatureHeader)
  if (!nonce) return refuse('missing_header', nonceHeader)
  const signatures = typeof encoded === 'string' ? readSignatures(encoded) : null
  if (!signatures) return refuse('malformed_header', signatureHeader)
  if (typeof nonce !== 'string' || !nonceText.test(nonce)) {
    return refuse('malformed_header', nonceHeader)
  }
  const form = readForm(body.toString())
  if (!form) return refuse('unparseable_body', 'it is no form of at most 1000 parameters')
  const text = signedText(url, form)
  if (text === null) return refuse('unparseable_body', 'the query of the URL is no form')
  return { text, nonce, signatures }
}

function readSignatures(header: string): Buffer[] | null {
  const signatures: Buffer[] = []
  const entries = header.split(',', mostSignatures + 1)
  if (entries.length > mostSignatures) return null
  for (const entry of entries) {
    const signature = strictBase64(entry)
    if (signature?.length !== signatureBytes) return null
    signatures.push(signature)
  }
  return signatures
}

function proves(key: KeyObject, { text, nonce, signatures }: Signed): boolean {
  const expected = hmacSha256(key, text, nonce)
  return signatures.some((signature) => timingSafeEqual(signature, expected))
}
