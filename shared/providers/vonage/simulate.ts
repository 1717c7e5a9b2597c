import { randomBytes, randomUUID } from 'node:crypto'
import { signToken } from '../jwt.ts'
import { sampleCall } from './sample-call.ts'
import { hashOf, scheme, tokenHeader, usableKey } from './verify.ts'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'
import type { Settings } from './settings.ts'

const apiKey = 'a1b2c3d4'
const someApplication = '4a1c8e5e-7f5a-4f6e-9d0b-3c2a1b0f9e8d'

/** The simulated Vonage: fresh secrets, signed requests, whole calls. */
export const simulator: Simulator<Settings> = {
  signingKeyName: 'VONAGE_SIGNATURE_SECRET',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh signature secret, which both sides have. */
export function newKeys(): Keys {
  const secret = randomBytes(20).toString('hex')
  return { signingKey: secret, credential: secret }
}

/**
 * The request Vonage would send with a body. A retry has a token of its own.
 * @throws Error if the signing key is not usable
 */
export function sign(
  body: Buffer,
  { signingKey, nowSeconds, url, settings }: Signing<Settings>,
): SignedDelivery {
  const claims = {
    iat: nowSeconds,
    jti: randomUUID(),
    iss: 'Vonage',
    payload_hash: hashOf(body),
    api_key: apiKey,
    application_id: settings.applicationId ?? someApplication,
  }
  const token = signToken(usableKey(signingKey), Buffer.from(JSON.stringify(claims)))
  const headers = { 'content-type': 'application/json', [tokenHeader]: `${scheme}${token}` }
  return { method: 'POST', url, headers, body }
}
