import { randomBytes, randomUUID } from 'node:crypto'
import type { SampleDelivery, SampleOptions } from '../contract.ts'
import { scriptOf, type Step } from './sample-script.ts'

type Payload = Readonly<Record<string, unknown>>

/** What all events of one call share. */
interface Call {
  readonly ids: Payload
  readonly parties: Payload
  readonly callerName: string
  readonly startMs: number
  readonly answeredMs: number
  readonly endedMs: number
}

const ourNumber = '+13125550100'
/** Numbers nobody has: 555-0100 to 555-0199 are kept for fiction. */
const people = [
  ['+12025550143', 'Maria Lopez'],
  ['+12065550117', 'Hannah Weiss'],
  ['+13035550162', 'Daniel Okafor'],
  ['+14155550128', 'Priya Raman'],
  ['+15125550179', 'Owen Gallagher'],
  ['+16465550135', 'Bright Smile Dental'],
  ['+17025550151', 'Kenji Watanabe'],
  ['+18565550194', 'Rivera & Sons Plumbing'],
] as const
/** Events that come without the parties of their call. */
const withoutParties = new Set(['call.speak.started', 'call.speak.ended', 'call.cost'])

/**
 * One whole call as Telnyx sends it, with fresh ids at every use. Bodies carry the times at which
 * their events are due. `full` is an answered inbound call with a menu, a hold and a recording.
 */
export function sampleCall({ random, startMs, full = false }: SampleOptions): SampleDelivery[] {
  const below = (limit: number): number => Math.floor(random() * limit)
  const { inbound, steps } = scriptOf({
    pause: (lowMs, highMs) => lowMs + below(highMs - lowMs),
    story: full ? 0 : random(),
    held: full || random() < 0.35,
    menuDigit: String(1 + below(4)),
  })
  const due = dueTimes(steps)
  const call = newCall({ startMs, steps, due, inbound, person: people[below(people.length)]! })
  return steps.map((step, index) => {
    const atMs = startMs + due[index]!
    const occurredAt = moment(atMs, below(1000))
    return {
      afterMs: due[index]!,
      body: envelope(step.eventType, occurredAt, payloadOf(step, call)),
    }
  })
}

function dueTimes(steps: readonly Step[]): number[] {
  let afterMs = 0
  return steps.map(({ gapMs }) => (afterMs += gapMs))
}

interface Casting {
  readonly startMs: number
  readonly steps: readonly Step[]
  readonly due: readonly number[]
  readonly inbound: boolean
  readonly person: (typeof people)[number]
}

function newCall({ startMs, steps, due, inbound, person: [number, name] }: Casting): Call {
  const timeOf = (eventType: string): number =>
    startMs + (due[steps.findIndex((step) => step.eventType === eventType)] ?? 0)
  return {
    ids: {
      call_control_id: `v3:${randomBytes(27).toString('base64url')}`,
      call_leg_id: randomUUID(),
      call_session_id: randomUUID(),
      client_state: null,
      connection_id: '7267000000000000001',
    },
    parties: inbound ? { from: number, to: ourNumber } : { from: ourNumber, to: number },
    callerName: inbound ? name : 'Switchhook Demo',
    startMs,
    answeredMs: timeOf('call.answered'),
    endedMs: timeOf('call.hangup'),
  }
}

function payloadOf({ eventType, payload }: Step, call: Call): Payload {
  const parties = withoutParties.has(eventType) ? {} : call.parties
  return { ...call.ids, ...parties, ...payload, ...timesOf(eventType, call) }
}

/** The fields that depend on when things happened in this call, and to whom. */
function timesOf(eventType: string, call: Call): Payload {
  const start = { start_time: moment(call.startMs, 0) }
  switch (eventType) {
    case 'call.initiated':
      return { ...start, caller_id_name: call.callerName, calling_party_type: 'pstn' }
    case 'call.answered':
      return start
    case 'call.hangup':
      return { ...start, end_time: moment(call.endedMs, 0) }
    case 'call.recording.saved':
      return recordingOf(call)
    case 'call.cost':
      return costOf(call)
    default:
      return {}
  }
}

function recordingOf({ ids, answeredMs, endedMs }: Call): Payload {
  return {
    recording_started_at: moment(answeredMs, 0),
    recording_ended_at: moment(endedMs, 0),
    recording_urls: {
      mp3: `https://recordings.example.com/${String(ids.call_session_id)}.mp3`,
      wav: null,
    },
    public_recording_urls: { mp3: null, wav: null },
  }
}

/** Minutes begun are billed. */
function costOf({ answeredMs, endedMs }: Call): Payload {
  const minutes = Math.ceil((endedMs - answeredMs) / 60_000)
  const amount = (minutes * 0.002).toFixed(4)
  return {
    billed_duration_secs: minutes * 60,
    cost_parts: [{ call_part: 'call-control', cost: amount, currency: 'USD', rate: '0.0020' }],
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
function moment(unixMs: number, microseconds: number): string {
  const micros = String(microseconds).padStart(3, '0')
  return new Date(unixMs).toISOString().replace('Z', `${micros}Z`)
}
