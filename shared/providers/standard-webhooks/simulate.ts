import { createHash, randomBytes } from 'node:crypto'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'
import { standardNames } from './headers.ts'
import { sampleCall } from './sample-call.ts'
import { digest } from './signature.ts'
import { importSecret } from './verify.ts'

/** A simulated sender: fresh secrets, signed headers, whole calls. */
export const simulator: Simulator = {
  signingKeyName: 'STANDARD_WEBHOOKS_SECRET',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh secret of 32 bytes, which both sides have. */
export function newKeys(): Keys {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  return { signingKey: secret, credential: secret }
}

/**
 * The request a sender would send with a body. A retry has the id of the
 * first attempt, so the id is made of the body.
 * @throws Error if the signing key is not `whsec_` and the base64 of 24 to 64 bytes
 */
export function sign(body: Buffer, { signingKey, nowSeconds, url }: Signing): SignedDelivery {
  const id = `msg_${createHash('sha256').update(body).digest('base64url').slice(0, 27)}`
  const signature = digest(importSecret(signingKey), `${id}.${nowSeconds}.`, body)
  const headers = {
    'content-type': 'application/json',
    [standardNames.id]: id,
    [standardNames.timestamp]: String(nowSeconds),
    [standardNames.signature]: `v1,${signature.toString('base64')}`,
  }
  return { method: 'POST', url, headers, body }
}
