import { randomBytes } from 'node:crypto'
import { signToken } from '../jwt.ts'
import { sampleCall } from './sample-call.ts'
import { digest, signatureHeader, usableKey } from './verify.ts'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'
import type { Settings } from './settings.ts'

/** The simulated Dialpad: fresh secrets, signed requests, whole calls. */
export const simulator: Simulator<Settings> = {
  signingKeyName: 'DIALPAD_WEBHOOK_SECRET',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh secret, which both sides have. */
export function newKeys(): Keys {
  const secret = randomBytes(24).toString('base64url')
  return { signingKey: secret, credential: secret }
}

/**
 * The request Dialpad would send with a payload. It signs no time: a payload whose event is older than 900 s is refused.
 * @throws Error if the signing key is not usable
 */
export function sign(
  payload: Buffer,
  { signingKey, url, settings }: Signing<Settings>,
): SignedDelivery {
  const key = usableKey(signingKey)
  if (settings.scheme === 'hmac-sha256-header') {
    const signature = digest(key, payload).toString('hex')
    const headers = { 'content-type': 'application/json', [signatureHeader]: signature }
    return { method: 'POST', url, headers, body: payload }
  }
  const body = Buffer.from(signToken(key, payload))
  return { method: 'POST', url, headers: { 'content-type': 'application/jwt' }, body }
}
