import { randomBytes } from 'node:crypto'
import { hmacSha1, looksLikeJson, signedForm } from '../cxml/signature.ts'
import { readForm } from '../form.ts'
import { sampleCall } from './sample-call.ts'
import { scheme, usableKey } from './verify.ts'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'

/** The simulated SignalWire: fresh keys, signed requests, whole calls. */
export const simulator: Simulator = {
  signingKeyName: 'SIGNALWIRE_SIGNING_KEY',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh signing key, which both sides have. */
export function newKeys(): Keys {
  const key = `PSK_${randomBytes(18).toString('base64url')}`
  return { signingKey: key, credential: key }
}

/**
 * The request SignalWire would send with a form, or with JSON as RELAY does.
 * @throws Error if the signing key is not usable, or the content is neither
 */
export function sign(body: Buffer, { signingKey, url }: Signing): SignedDelivery {
  const key = usableKey(signingKey)
  const json = looksLikeJson(body)
  const form = json ? null : readForm(body.toString())
  if (!json && !form) throw new Error('The content is neither JSON nor a form')
  const signature = form
    ? hmacSha1(key, url, signedForm(form, scheme.order)).toString('base64')
    : hmacSha1(key, url, body).toString('hex')
  const headers = {
    'content-type': form ? 'application/x-www-form-urlencoded; charset=UTF-8' : 'application/json',
    'user-agent': 'SignalWire',
    [scheme.header]: signature,
  }
  return { method: 'POST', url, headers, body }
}
