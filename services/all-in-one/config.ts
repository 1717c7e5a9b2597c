import { Type, type Static } from 'typebox'
import { access, base } from '../base.ts'
import { Options as EventHub } from '../event-hub/index.ts'
import { Options as SipProxy } from '../sip-proxy/index.ts'
import { Options as WebhookIngest } from '../webhook-ingest/index.ts'

/** The whole suite in one process. */
export const Config = Type.Object({
  ...base,
  ...access,
  webhookIngest: WebhookIngest,
  eventHub: EventHub,
  sipProxy: SipProxy,
})

export type Config = Static<typeof Config>
