import { createPublicKey, verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const toleranceSeconds = 300

/** The peer's check of Ed25519 signatures: like ours the key is imported once, but it runs on the main thread. */
export function telnyxVerifier(publicKey: string) {
  const x = Buffer.from(publicKey, 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return (headers: IncomingHttpHeaders, body: Buffer): boolean => {
    const timestamp = String(headers['telnyx-timestamp'])
    const age = Math.abs(Date.now() / 1000 - Number(timestamp))
    if (!(age <= toleranceSeconds)) return false
    const signature = Buffer.from(String(headers['telnyx-signature-ed25519']), 'base64')
    return verify(null, Buffer.concat([Buffer.from(`${timestamp}|`), body]), key, signature)
  }
}
