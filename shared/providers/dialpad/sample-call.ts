import { randomBytes } from 'node:crypto'
import { makeUpStory, type Moment, type Story } from '../sample-story.ts'
import type { SampleDelivery, SampleOptions } from '../contract.ts'

type Payload = Readonly<Record<string, unknown>>

const summary = 'A room was booked for two nights.'
const transcript = 'Agent: How can I help you? Caller: I would like to book a room.'
/** How long after a call that was missed its voicemail is there, and how long that is, in milliseconds. */
const voicemailAfterMs = 9000
const voicemailMs = 7250.5

/** One whole call as Dialpad tells it, with fresh ids at every use. */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  const story = makeUpStory(options)
  const call = callOf(story)
  return story.moments.flatMap((moment) =>
    saidAt(moment, story).map(({ laterMs = 0, ...said }) => {
      const payload = { ...call, ...said, event_timestamp: moment.atMs + laterMs }
      const content = Buffer.from(JSON.stringify(payload))
      return { afterMs: moment.afterMs + laterMs, content }
    }),
  )
}

function callOf({ inbound, from, to, callerName, startMs }: Story): Payload {
  const [external, internal] = inbound ? [from, to] : [to, from]
  const name = inbound ? callerName : ''
  return {
    call_id: freshId(),
    direction: inbound ? 'inbound' : 'outbound',
    external_number: external,
    internal_number: internal,
    contact: { id: freshId(), type: 'local', email: '', phone: external, name },
    target: {
      id: freshId(),
      type: 'user',
      email: 'alex@example.com',
      phone: internal,
      name: 'Alex',
    },
    entry_point_call_id: null,
    operator_call_id: null,
    master_call_id: null,
    date_started: startMs,
    date_connected: null,
    date_ended: null,
    is_transferred: false,
    duration: 0,
    hold_time: 0,
    recording_details: [],
    voicemail_link: null,
  }
}

/** What Dialpad says at a moment of the story, some of it later. */
function saidAt(moment: Moment, story: Story): (Payload & { readonly laterMs?: number })[] {
  const date_connected = story.answeredMs
  switch (moment.type) {
    case 'call.initiated':
      return [{ state: story.inbound ? 'ringing' : 'calling' }]
    case 'call.answered':
      return [{ state: 'connected', date_connected }]
    case 'call.held':
      return [{ state: 'hold', date_connected }]
    case 'call.resumed':
      return [{ state: 'connected', date_connected, hold_time: heldMs(story) }]
    case 'call.hangup':
      return ending(moment, story)
    case 'call.recording.saved':
      return [{ state: 'recording', ...ended(story), recording_details: [recording(story)] }]
    case 'call.cost':
      return [
        { state: 'call_transcription', ...ended(story), transcription_text: transcript },
        { state: 'recap_summary', ...ended(story), recap_summary: summary },
      ]
    default:
      return []
  }
}

function ending({ atMs, details }: Moment, story: Story) {
  if (details.cause === 'normal_clearing') return [{ state: 'hangup', ...ended(story) }]
  const date_ended = atMs
  if (!story.inbound) return [{ state: 'hangup', date_ended }]
  const voicemail_link = `https://recordings.example.com/voicemail/${freshId()}.mp3`
  const voicemail = { state: 'voicemail_uploaded', duration: voicemailMs, voicemail_link }
  return [
    { state: 'missed', date_ended },
    { ...voicemail, date_ended, laterMs: voicemailAfterMs },
  ]
}

/** Durations are milliseconds with a fraction. */
function ended(story: Story): Payload {
  const { answeredMs, endedMs } = story
  return {
    date_connected: answeredMs,
    date_ended: endedMs,
    duration: endedMs - answeredMs + 0.125,
    hold_time: heldMs(story),
  }
}

function recording({ answeredMs, endedMs }: Story): Payload {
  const id = String(freshId())
  return {
    id,
    url: `https://recordings.example.com/${id}.mp3`,
    duration: endedMs - answeredMs,
    start_time: answeredMs,
    recording_type: 'callrecording',
  }
}

function heldMs({ moments }: Story): number {
  const at = (type: Moment['type']): number => moments.find((one) => one.type === type)?.atMs ?? 0
  return at('call.resumed') - at('call.held')
}

/** As Dialpad makes them: an integer of 16 digits. */
function freshId(): number {
  return 5_000_000_000_000_000 + randomBytes(6).readUIntBE(0, 6)
}
