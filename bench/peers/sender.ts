import { standardWebhooksSender } from './standard-webhooks.ts'
import { telnyxSender } from './telnyx.ts'
import type { IncomingHttpHeaders } from 'node:http'

/** What the peers read of a delivery. */
export interface Delivery {
  readonly id: string
  readonly type: string
  readonly time: string
  readonly call: string | null
  /** What became of the call, if it says so. */
  readonly state: string | null
  readonly payload: object
}

/** A provider as the peers know it. */
export interface Sender {
  readonly path: string
  isAuthentic(headers: IncomingHttpHeaders, body: Buffer): boolean
  /** @param body as JSON.parse leaves it */
  read(headers: IncomingHttpHeaders, body: unknown): Delivery
}

const senders: Readonly<Record<string, (credential: string) => Sender>> = {
  telnyx: telnyxSender,
  'standard-webhooks': standardWebhooksSender,
}

/** The sender that the environment of this process names. */
export function sender(): Sender {
  const { SENDER = '', CREDENTIAL = '' } = process.env
  return senders[SENDER]!(CREDENTIAL)
}
