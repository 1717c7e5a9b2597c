import { randomBytes } from 'node:crypto'
import { sampleCall } from './sample-call.ts'
import { digest, signatureHeader, usableKey } from './verify.ts'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'

/** The simulated Retell: fresh keys, signed requests, whole calls. */
export const simulator: Simulator = {
  signingKeyName: 'RETELL_API_KEY',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh API key, which both sides have. */
export function newKeys(): Keys {
  const key = `key_${randomBytes(16).toString('hex')}`
  return { signingKey: key, credential: key }
}

/**
 * The request Retell would send with a body.
 * @throws Error if the signing key is not usable
 */
export function sign(body: Buffer, { signingKey, nowSeconds, url }: Signing): SignedDelivery {
  const unixMs = String(nowSeconds * 1000)
  const signature = digest(usableKey(signingKey), body, unixMs).toString('hex')
  const headers = {
    'content-type': 'application/json',
    [signatureHeader]: `v=${unixMs},d=${signature}`,
  }
  return { method: 'POST', url, headers, body }
}
