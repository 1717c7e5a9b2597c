import type { SampleDelivery, SampleOptions } from '../contract.ts'
import { makeUpStory, type Moment, type Story } from '../sample-story.ts'

/** How a provider names things. */
export interface Ids {
  readonly account: string
  readonly call: string
  readonly recording: string
}

type Parameters = Readonly<Record<string, string>>

/** A call while it is told: what every callback says, and how many were numbered. */
interface Telling {
  readonly story: Story
  readonly ids: Ids
  readonly call: Parameters
  sequence: number
}

const ringsAfterMs = 400
/** How the story's ends are called; the caller who gives up leaves a call nobody answered. */
const endStates: Readonly<Record<string, string>> = {
  normal_clearing: 'completed',
  user_busy: 'busy',
  no_answer: 'no-answer',
  originator_cancel: 'no-answer',
}

/** One whole call in callbacks, which carry the times at which they are due. */
export function tellCall(ids: Ids, options: SampleOptions): SampleDelivery[] {
  const story = makeUpStory(options)
  const telling: Telling = { story, ids, call: callOf(story, ids), sequence: 0 }
  return story.moments.flatMap((moment) =>
    callbacksOf(moment, telling).map(({ afterMs, parameters }) => ({
      afterMs,
      content: Buffer.from(new URLSearchParams(parameters).toString()),
    })),
  )
}

function callOf({ inbound, from, to, callerName }: Story, ids: Ids): Parameters {
  return {
    AccountSid: ids.account,
    ApiVersion: '2010-04-01',
    CallSid: ids.call,
    Called: to,
    Caller: from,
    CallerName: callerName,
    Direction: inbound ? 'inbound' : 'outbound-api',
    From: from,
    To: to,
  }
}

function callbacksOf(
  moment: Moment,
  telling: Telling,
): { afterMs: number; parameters: Parameters }[] {
  const { afterMs, type } = moment
  switch (type) {
    case 'call.initiated': {
      const rings = { ...moment, afterMs: afterMs + ringsAfterMs, atMs: moment.atMs + ringsAfterMs }
      return [
        { afterMs, parameters: progress('initiated', moment, telling) },
        { afterMs: rings.afterMs, parameters: progress('ringing', rings, telling) },
      ]
    }
    case 'call.answered':
      return [{ afterMs, parameters: progress('in-progress', moment, telling) }]
    case 'dtmf.received':
      return [{ afterMs, parameters: gathered(moment, telling) }]
    case 'call.hangup':
      return [{ afterMs, parameters: ended(moment, telling) }]
    case 'call.recording.saved':
      return [{ afterMs, parameters: recorded(telling) }]
    default:
      return []
  }
}

function progress(state: string, { atMs }: Moment, telling: Telling): Parameters {
  const sequence = telling.sequence++
  return {
    ...telling.call,
    CallStatus: state,
    CallbackSource: 'call-progress-events',
    SequenceNumber: String(sequence),
    Timestamp: mailTime(atMs),
  }
}

function gathered({ details }: Moment, { call }: Telling): Parameters {
  const digits = String(details.digit)
  return {
    ...call,
    CallStatus: 'in-progress',
    Digits: digits,
    FinishedOnKey: '',
    msg: 'Gather End',
  }
}

function ended(moment: Moment, telling: Telling): Parameters {
  const { cause, sip_code: sipCode } = moment.details
  const { answeredMs, endedMs, startMs } = telling.story
  const state = endStates[String(cause)] ?? 'failed'
  const seconds = Math.round((endedMs - answeredMs) / 1000)
  const talked = state === 'completed' && answeredMs > startMs
  return {
    ...progress(state, moment, telling),
    CallDuration: String(talked ? seconds : 0),
    Duration: String(talked ? Math.ceil(seconds / 60) : 0),
    SipResponseCode: String(sipCode),
  }
}

function recorded({ story, ids }: Telling): Parameters {
  const { answeredMs, endedMs } = story
  return {
    AccountSid: ids.account,
    CallSid: ids.call,
    RecordingSid: ids.recording,
    RecordingUrl: `https://recordings.example.com/${ids.recording}`,
    RecordingStatus: 'completed',
    RecordingDuration: String(Math.round((endedMs - answeredMs) / 1000)),
    RecordingChannels: '2',
    RecordingSource: 'DialVerb',
    RecordingStartTime: mailTime(answeredMs),
    ErrorCode: '0',
  }
}

/** RFC 2822 §3.3. */
function mailTime(unixMs: number): string {
  return new Date(unixMs).toUTCString().replace('GMT', '+0000')
}
