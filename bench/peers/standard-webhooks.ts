import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { Sender } from './sender.ts'

interface Body {
  readonly type: string
  readonly timestamp: string
  readonly data: { readonly call_id?: string; readonly status?: string }
}

const toleranceSeconds = 300

/**
 * The peers' check of HMAC-SHA256 signatures, with one secret and one signature. The secret is imported once, which
 * is much kinder than the bytes of it at every call.
 */
export function standardWebhooksSender(secret: string): Sender {
  const key = createSecretKey(Buffer.from(secret.replace('whsec_', ''), 'base64'))
  return {
    path: '/webhooks/standard-webhooks',
    isAuthentic(headers, body) {
      const timestamp = String(headers['webhook-timestamp'])
      const age = Math.abs(Date.now() / 1000 - Number(timestamp))
      if (!(age <= toleranceSeconds)) return false
      const signed = createHmac('sha256', key).update(
        `${String(headers['webhook-id'])}.${timestamp}.`,
      )
      const expected = Buffer.from(`v1,${signed.update(body).digest('base64')}`)
      const given = Buffer.from(String(headers['webhook-signature']))
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
    read(headers, body) {
      const { type, timestamp: time, data } = body as Body
      const { call_id: call = null, status: state = null } = data
      return { id: String(headers['webhook-id']), type, time, call, state, payload: data }
    },
  }
}
