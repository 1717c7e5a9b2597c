import { randomBytes } from 'node:crypto'
import { hashOf, hmacSha1, looksLikeJson, signedForm } from '../cxml/signature.ts'
import { readForm } from '../form.ts'
import { tokenHeader } from './normalise.ts'
import { sampleCall } from './sample-call.ts'
import { scheme, usableToken } from './verify.ts'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'

/** The simulated Twilio: fresh tokens, signed requests, whole calls. */
export const simulator: Simulator = {
  signingKeyName: 'TWILIO_AUTH_TOKEN',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh auth token, which both sides have. */
export function newKeys(): Keys {
  const token = randomBytes(16).toString('hex')
  return { signingKey: token, credential: token }
}

/**
 * The request Twilio would send with a form, or with anything else as Event Streams send JSON: its hash joins the URL.
 * A retry has the token of the first attempt, so the token is made of the content.
 * @throws Error if the signing key is not usable
 */
export function sign(body: Buffer, { signingKey, url }: Signing): SignedDelivery {
  const key = usableToken(signingKey)
  const form = looksLikeJson(body) ? null : readForm(body.toString())
  const hash = hashOf(body)
  const called = form ? url : `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${hash}`
  const signature = hmacSha1(key, called, form ? signedForm(form, scheme.order) : '')
  const headers = {
    'content-type': form
      ? 'application/x-www-form-urlencoded; charset=UTF-8'
      : 'application/json; charset=UTF-8',
    'user-agent': 'TwilioProxy/1.1',
    [scheme.header]: signature.toString('base64'),
    [tokenHeader]: hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
  }
  return { method: 'POST', url: called, headers, body }
}
