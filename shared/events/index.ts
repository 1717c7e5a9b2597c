/** The one event vocabulary. Short names as in the journal and in CloudEvents; frames show them with hyphens. */
export const eventTypes = [
  'call.initiated',
  'call.queued',
  'call.dequeued',
  'call.ringing',
  'call.answered',
  'call.held',
  'call.resumed',
  'call.bridged',
  'call.transferred',
  'call.parked',
  'call.hangup',
  'call.missed',
  'call.machine.detected',
  'call.gather.ended',
  'call.speak.started',
  'call.speak.ended',
  'call.playback.started',
  'call.playback.ended',
  'call.recording.started',
  'call.recording.saved',
  'call.recording.failed',
  'call.summary.ready',
  'call.cost',
  'dtmf.received',
  'voicemail.received',
  'voicemail.uploaded',
  'voicemail.heard',
  'transcript.partial',
  'transcript.final',
  'transcript.saved',
  'ai.request',
  'ai.speech.started',
  'ai.speech.ended',
  'ai.interrupted',
  'ai.delayed',
  'ai.conversation.updated',
  'agent.status.changed',
  'provider.event',
] as const

/** What an app tells of its own: `custom.` and a name. */
export type CustomType = `custom.${string}`

export type EventType = (typeof eventTypes)[number] | CustomType

/** Whether an event says something of a call without being a part of it: it makes none and changes none. */
export function isRemark(type: string): boolean {
  return type === 'voicemail.heard' || type.startsWith('custom.')
}

/** `call.speak.started` → `call-speak-started`: the name a client sees. */
export function eventName(type: string): string {
  return type.replaceAll('.', '-')
}

export type Phase = 'unknown' | 'initiated' | 'queued' | 'ringing' | 'answered' | 'ended'

/** The order of phases: a call only ever climbs. */
export const phaseRank: Readonly<Record<Phase, number>> = {
  unknown: 0,
  initiated: 10,
  queued: 15,
  ringing: 20,
  answered: 30,
  ended: 100,
}

/** The phase an event proves its leg has reached; events without an entry prove none. */
export const phaseOf: Readonly<Partial<Record<EventType, Phase>>> = {
  'call.initiated': 'initiated',
  'call.queued': 'queued',
  'call.ringing': 'ringing',
  'call.answered': 'answered',
  'call.hangup': 'ended',
  'call.missed': 'ended',
}

/** Facts attach to a call in any phase and are never late. */
export const facts: ReadonlySet<EventType> = new Set<EventType>([
  'call.recording.saved',
  'call.recording.failed',
  'call.summary.ready',
  'call.cost',
  'voicemail.received',
  'voicemail.uploaded',
  'transcript.saved',
  'agent.status.changed',
  'provider.event',
])

export type Direction = 'inbound' | 'outbound'

export interface Agent {
  readonly id: string | null
  readonly email: string | null
  readonly name: string | null
}

/**
 * What a provider's delivery says happened, in our words. The output of `normalise`, the input of the journal.
 * Ids are strings digit for digit, durations integer milliseconds, money decimal strings.
 */
export interface CallEvent {
  /** Deterministic: `<provider>:<dedupe key>`, then `#n` if one delivery yields several events. */
  readonly id: string
  readonly type: EventType
  readonly provider: string
  /** When it happened by the provider's clock: RFC 3339, UTC, milliseconds. */
  readonly time: string
  /** The provider's own order value, which breaks ties of `time`; 0 where there is none. */
  readonly order: number
  /** The provider's id of the whole call; null for events of an account. */
  readonly callId: string | null
  /** The provider's other ids of the call, by the provider's own field name. */
  readonly providerIds: Readonly<Record<string, string>>
  /** The other provider ids under which the same human call may be told, besides `callId`. */
  readonly joins: readonly string[]
  readonly legId: string | null
  readonly direction: Direction | null
  /** E.164 with +, or the raw address; null if withheld or not said. */
  readonly from: string | null
  readonly to: string | null
  readonly agent: Agent | null
  /** What is special to the type. */
  readonly details: Readonly<Record<string, unknown>>
  /** The provider's own event name. */
  readonly rawType: string
}

/** Who told of an event: ids begin with their provider. */
export function providerOf({ id }: { readonly id: string }): string {
  return id.slice(0, Math.max(0, id.indexOf(':')))
}

/** What events of our own say of a call: nothing but what is said besides. */
export const unsaid = {
  order: 0,
  providerIds: {},
  joins: [],
  legId: null,
  direction: null,
  from: null,
  to: null,
  agent: null,
} as const satisfies Partial<CallEvent>

/** `data` of a frame, snake_case as seed clients know it. */
export interface EventData {
  call: {
    id: string
    provider: string
    provider_ids: Record<string, string>
    /** Calls that turned out to be this one with this event; their records are no more. */
    merged?: string[]
  } | null
  leg_id: string | null
  direction: Direction | null
  from: string | null
  to: string | null
  agent: Agent | null
  /** The call's record after this event; null when the event is part of no call. */
  state: { phase: Phase; held: boolean; reason: string | null } | null
  details: Record<string, unknown>
  raw_type: string
  /** The delivery it came with. */
  raw_ref: string
  /** The voicemail that it tells of. */
  voicemail?: string
  /** The details were too large for a frame and are in the journal only. */
  truncated?: true
  /** Somebody's number, and what was said with it, was removed on demand. */
  purged?: true
}

/** A numbered event as a client receives it. */
export interface EventFrame {
  event: string
  seq: number
  /** The previous seq in this view; a hole between it and the client's position means a lost frame. */
  prev: number
  id: string
  time: string
  call: string | null
  /** Arrived after a higher phase was known. */
  late?: true
  /** Sent from history. */
  replay?: true
  /** Rang too long ago to ring now. */
  stale?: true
  data: EventData
}
