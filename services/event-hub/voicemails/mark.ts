import { ourselves, type VoicemailRecord } from '@switchhook/shared/projections'
import { newDeliveryId, type NewDelivery } from '@switchhook/shared/journal'
import { unsaid, type CallEvent } from '@switchhook/shared/events'

/** What somebody says of a voicemail. */
export interface Mark {
  readonly app: string
  /** The `sub` of who says it. */
  readonly by: string
  readonly heard: boolean
  readonly nowMs: number
}

/**
 * An event that a voicemail was heard, or was not after all, ready to be committed. Its key is made of what was known
 * before, so that of several who say the same at once one is the first.
 */
export function markOf(voicemail: VoicemailRecord, mark: Mark): NewDelivery {
  const { app, heard, nowMs } = mark
  const { id, marked_at } = voicemail
  const receivedAt = new Date(nowMs).toISOString()
  const dedupeKey = `heard:${id}:${heard}:${marked_at ?? 'never'}`
  const time = marked_at !== null && marked_at >= receivedAt ? justAfter(marked_at) : receivedAt
  const events = [eventOf(voicemail, { ...mark, time, dedupeKey })]
  return {
    id: newDeliveryId(receivedAt),
    app,
    provider: ourselves,
    dedupeKey,
    receivedAt,
    // Nothing was delivered; events have a delivery all the same.
    sealed: new Uint8Array(),
    events,
    quarantine: null,
    // Whoever says the same at the same time says it in other words: no contradiction.
    digest: null,
  }
}

/** The clock of another process was ahead: what comes later must be the later one. */
function justAfter(time: string): string {
  return new Date(Date.parse(time) + 1).toISOString()
}

interface Told extends Mark {
  readonly time: string
  readonly dedupeKey: string
}

/** As of the voicemail's provider, by whose names it is found whose it is. */
function eventOf(
  { id, provider, call, from, to, agent }: VoicemailRecord,
  { heard, by, time, dedupeKey }: Told,
): CallEvent {
  return {
    ...unsaid,
    id: `${provider}:${dedupeKey}`,
    type: 'voicemail.heard',
    provider,
    time,
    callId: call,
    from,
    to,
    agent,
    details: { voicemail: id, heard, by },
    rawType: 'voicemail.heard',
  }
}
