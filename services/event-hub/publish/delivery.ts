import { hash, randomUUID } from 'node:crypto'
import {
  digestOf,
  newDeliveryId,
  packRaw,
  sealPlace,
  type NewDelivery,
} from '@switchhook/shared/journal'
import { unsaid, type CallEvent } from '@switchhook/shared/events'
import type { Sealing } from '@switchhook/shared/sealing'
import { timeOf } from './bounds.ts'
import type { Published } from './schema.ts'

/** The provider of what apps tell themselves. */
export const provider = 'app'

interface Request {
  readonly app: string
  readonly body: Published
  /** The Idempotency-Key. */
  readonly key: string | undefined
  readonly nowMs: number
}

/** What an app publishes as a delivery like any other, sealed as it was understood. */
export function deliveryOf(request: Request, sealing: Sealing): NewDelivery {
  const { app, body, key, nowMs } = request
  const receivedAt = new Date(nowMs).toISOString()
  const id = newDeliveryId(receivedAt)
  const dedupeKey = key === undefined ? randomUUID() : hash('sha256', key)
  const event = eventOf(body, { dedupeKey, time: timeOf(body, nowMs) })
  return {
    id,
    app,
    provider,
    dedupeKey,
    receivedAt,
    sealed: sealing.seal(rawOf(request), sealPlace(app, id)),
    events: [event],
    quarantine: null,
    // In an object of its own the data means the same in whatever order it is written.
    digest: digestOf([{ ...event, details: { data: event.details } }], receivedAt),
  }
}

function eventOf(
  { type, call, data }: Published,
  { dedupeKey, time }: { dedupeKey: string; time: string },
): CallEvent {
  return {
    ...unsaid,
    id: `${provider}:${dedupeKey}`,
    // The schema has it begin so.
    type: type as `custom.${string}`,
    provider,
    time,
    callId: call ?? null,
    details: data,
    rawType: type,
  }
}

function rawOf({ body, key }: Request): Buffer {
  const headers = {
    'content-type': 'application/json',
    ...(key !== undefined && { 'idempotency-key': key }),
  }
  const text = Buffer.from(JSON.stringify(body))
  return packRaw({ method: 'POST', url: '/api/events', headers, body: text })
}
