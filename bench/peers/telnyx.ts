import { createPublicKey, verify } from 'node:crypto'
import type { Sender } from './sender.ts'

interface Body {
  readonly data: {
    readonly id: string
    readonly event_type: string
    readonly occurred_at: string
    readonly payload: { readonly call_session_id?: string; readonly state?: string }
  }
}

const toleranceSeconds = 300

/** The peers' check of Ed25519 signatures: like ours the key is imported once, but it runs on the main thread. */
export function telnyxSender(publicKey: string): Sender {
  const x = Buffer.from(publicKey, 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return {
    path: '/webhooks/telnyx',
    isAuthentic(headers, body) {
      const timestamp = String(headers['telnyx-timestamp'])
      const age = Math.abs(Date.now() / 1000 - Number(timestamp))
      if (!(age <= toleranceSeconds)) return false
      const signature = Buffer.from(String(headers['telnyx-signature-ed25519']), 'base64')
      return verify(null, Buffer.concat([Buffer.from(`${timestamp}|`), body]), key, signature)
    },
    read(_headers, body) {
      const { id, event_type: type, occurred_at: time, payload } = (body as Body).data
      const { call_session_id: call = null, state = null } = payload
      return { id, type, time, call, state, payload }
    },
  }
}
