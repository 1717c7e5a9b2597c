import { createHash, randomBytes } from 'node:crypto'
import { readForm } from '../form.ts'
import { sampleCall } from './sample-call.ts'
import { hmacSha256, signedText } from './signature.ts'
import { nonceHeader, signatureHeader, usableToken } from './verify.ts'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'

/** The simulated Plivo: fresh tokens, signed requests, whole calls. */
export const simulator: Simulator = {
  signingKeyName: 'PLIVO_AUTH_TOKEN',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh auth token, which both sides have. */
export function newKeys(): Keys {
  const token = randomBytes(20).toString('hex')
  return { signingKey: token, credential: token }
}

/**
 * The request Plivo would send with a form. A retry has the nonce of the first attempt, so the nonce is made of the
 * content.
 * @throws Error if the signing key is not usable, or the content or the query of the URL is no form
 */
export function sign(body: Buffer, { signingKey, url }: Signing): SignedDelivery {
  const key = usableToken(signingKey)
  const form = readForm(body.toString())
  const text = form && signedText(url, form)
  if (text === null) throw new Error('The content, or the query of the URL, is not a form')
  const nonce = createHash('sha256').update(body).digest('hex').slice(0, 20)
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'Plivo',
    [signatureHeader]: hmacSha256(key, text, nonce).toString('base64'),
    [nonceHeader]: nonce,
  }
  return { method: 'POST', url, headers, body }
}
