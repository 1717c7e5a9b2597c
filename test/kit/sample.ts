import { randomUUID } from 'node:crypto'
import type { CallEvent } from '@switchhook/shared/events'
import { digestOf, type NewDelivery } from '@switchhook/shared/journal'

let made = 0

/** An event of call `c1`, each a second after the one before. */
export function sampleEvent(options: Partial<CallEvent> = {}): CallEvent {
  made += 1
  return {
    id: `telnyx:${randomUUID()}`,
    type: 'call.initiated',
    provider: 'telnyx',
    time: new Date(1_790_000_000_000 + made * 1_000).toISOString(),
    order: 0,
    callId: 'c1',
    providerIds: { call_session_id: 'c1' },
    joins: [],
    legId: 'l1',
    direction: 'inbound',
    from: '+12025550133',
    to: '+12025550131',
    agent: null,
    details: {},
    rawType: 'call.initiated',
    ...options,
  }
}

/** A delivery with these events, ready to be committed. */
export function sampleDelivery(
  app: string,
  events: CallEvent[] = [],
  quarantine: string | null = null,
): NewDelivery {
  const id = randomUUID()
  const receivedAt = new Date().toISOString()
  return {
    id,
    app,
    provider: 'telnyx',
    dedupeKey: events[0]?.id.replace(/^telnyx:/, '') ?? id,
    receivedAt,
    sealed: new Uint8Array([1, 2, 3]),
    events,
    quarantine,
    digest: quarantine === null ? digestOf(events, receivedAt) : null,
  }
}
