import { createPrivateKey, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import type { Keys, SignedDelivery, Signing, Simulator } from '../contract.ts'
import { sampleCall } from './sample-call.ts'
import { signatureHeader, timestampHeader } from './verify.ts'

/** The simulated Telnyx: fresh keys, signed headers, whole calls. */
export const simulator: Simulator = {
  signingKeyName: 'TELNYX_PRIVATE_KEY',
  newKeys,
  sign,
  sampleCall,
}

/** A fresh Ed25519 pair in base64: public raw, as the portal shows it, private as PKCS #8 DER. */
export function newKeys(): Keys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  return {
    signingKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    credential: raw.toString('base64'),
  }
}

/**
 * The request Telnyx would send with a body.
 * @throws Error if the signing key is not base64 of PKCS #8 DER
 */
export function sign(body: Buffer, { signingKey, nowSeconds, url }: Signing): SignedDelivery {
  const der = Buffer.from(signingKey, 'base64')
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const message = Buffer.concat([Buffer.from(`${nowSeconds}|`), body])
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'telnyx-webhooks',
    [signatureHeader]: signBytes(null, message, key).toString('base64'),
    [timestampHeader]: String(nowSeconds),
  }
  return { method: 'POST', url, headers, body }
}
