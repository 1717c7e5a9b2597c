import { randomBytes, randomUUID } from 'node:crypto'
import type { EventType } from '../../events/index.ts'
import type { SampleDelivery, SampleOptions } from '../contract.ts'
import { makeUpStory, type Moment, type Story } from '../sample-story.ts'

type Payload = Readonly<Record<string, unknown>>

/** What Telnyx calls the events of a story, where it has another name. */
const eventTypes: Partial<Record<EventType, string>> = {
  'call.held': 'call.hold',
  'call.resumed': 'call.unhold',
  'dtmf.received': 'call.dtmf.received',
}
/** Events that come without the parties of their call. */
const withoutParties = new Set<EventType>(['call.speak.started', 'call.speak.ended', 'call.cost'])

/**
 * One whole call as Telnyx sends it, with fresh ids at every use. Bodies carry the times at which
 * their events are due.
 */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  const story = makeUpStory(options)
  const ids: Payload = {
    call_control_id: `v3:${randomBytes(27).toString('base64url')}`,
    call_leg_id: randomUUID(),
    call_session_id: randomUUID(),
    client_state: null,
    connection_id: '7267000000000000001',
  }
  const { from, to } = story
  return story.moments.map((moment) => {
    const { afterMs, atMs, type } = moment
    const parties = withoutParties.has(type) ? {} : { from, to }
    const payload = { ...ids, ...parties, ...payloadOf(moment, story, ids) }
    const occurredAt = timestamp(atMs, Math.floor(options.random() * 1000))
    return { afterMs, content: envelope(eventTypes[type] ?? type, occurredAt, payload) }
  })
}

/** What an event says beside its ids and parties. */
function payloadOf({ type, details }: Moment, story: Story, ids: Payload): Payload {
  const start = { start_time: timestamp(story.startMs) }
  switch (type) {
    case 'call.initiated':
      return { ...start, ...opening(story) }
    case 'call.answered':
      return { ...start, state: 'answered' }
    case 'call.hangup':
      return { ...start, end_time: timestamp(story.endedMs), ...ending(details) }
    case 'call.recording.saved':
      return recording(story, ids)
    case 'call.cost':
      return cost(story)
    default:
      return details
  }
}

function opening({ inbound, callerName }: Story): Payload {
  return {
    direction: inbound ? 'incoming' : 'outgoing',
    state: inbound ? 'parked' : 'bridging',
    caller_id_name: callerName,
    calling_party_type: 'pstn',
  }
}

function ending({ cause, cause_source: source, sip_code: sipCode }: Moment['details']): Payload {
  return {
    state: 'hangup',
    hangup_cause: cause,
    hangup_source: source,
    sip_hangup_cause: String(sipCode),
  }
}

function recording({ answeredMs, endedMs }: Story, ids: Payload): Payload {
  return {
    channels: 'dual',
    format: 'mp3',
    recording_started_at: timestamp(answeredMs),
    recording_ended_at: timestamp(endedMs),
    recording_urls: {
      mp3: `https://recordings.example.com/${String(ids.call_session_id)}.mp3`,
      wav: null,
    },
    public_recording_urls: { mp3: null, wav: null },
  }
}

function cost({ cost: { minutes, amount, currency } }: Story): Payload {
  return {
    status: 'success',
    billed_duration_secs: minutes * 60,
    cost_parts: [{ call_part: 'call-control', cost: amount, currency, rate: '0.0020' }],
    total_cost: amount,
  }
}

function envelope(eventType: string, occurredAt: string, payload: Payload): Buffer {
  const data = {
    event_type: eventType,
    id: randomUUID(),
    occurred_at: occurredAt,
    payload,
    record_type: 'event',
  }
  const meta = { attempt: 1, delivered_to: 'https://hooks.example.com/webhooks/telnyx' }
  return Buffer.from(JSON.stringify({ data, meta }))
}

/** RFC 3339 with microseconds, as Telnyx writes times. */
function timestamp(unixMs: number, microseconds = 0): string {
  const micros = String(microseconds).padStart(3, '0')
  return new Date(unixMs).toISOString().replace('Z', `${micros}Z`)
}
