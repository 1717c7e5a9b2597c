import { randomUUID } from 'node:crypto'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import type { SignedDelivery } from '@switchhook/shared/providers'

const { signingKey, credential } = telnyx.simulator.newKeys()
export const telnyxKeys = { privateKey: signingKey, publicKey: credential }

/** One Telnyx event, body and headers signed now. */
export interface Signed {
  readonly id: string
  readonly body: Buffer
  readonly headers: Record<string, string>
}

interface EventOptions {
  readonly id?: string
  readonly call?: string
  readonly leg?: string
  readonly type?: string
  readonly at?: string
  readonly payload?: Record<string, unknown>
  readonly key?: string
}

/** Signs any bytes as Telnyx would. */
export function signBody(
  body: Buffer,
  key = telnyxKeys.privateKey,
  nowMs = Date.now(),
): Record<string, string> {
  const nowSeconds = Math.floor(nowMs / 1000)
  const { simulator } = telnyx
  return { ...simulator.sign(body, { signingKey: key, nowSeconds, url: '', settings: {} }).headers }
}

/** A signed event of a call. */
export function telnyxEvent(options: EventOptions = {}): Signed {
  const { id = randomUUID(), call = 'call-1', type = 'call.initiated', key } = options
  const { leg = `${call}-leg`, at = new Date().toISOString() } = options
  const payload = {
    call_session_id: call,
    call_leg_id: leg,
    direction: 'incoming',
    from: '+12025550133',
    to: '+12025550131',
    ...options.payload,
  }
  const envelope = { data: { event_type: type, id, occurred_at: at, payload } }
  const body = Buffer.from(JSON.stringify(envelope))
  return { id, body, headers: signBody(body, key) }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** Posts a delivery to the suite at `base`. */
export async function post(
  base: string,
  { body, headers }: Pick<Signed, 'body' | 'headers'>,
  path = '/webhooks/telnyx',
): Promise<Answer> {
  return send(new URL(path, base), { method: 'POST', headers, body })
}

/** Sends a delivery to this very URL. */
export async function send(
  url: URL,
  { method, headers, body }: Pick<SignedDelivery, 'method' | 'headers' | 'body'>,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers,
    ...(method === 'POST' && { body: new Uint8Array(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  }
}
