import { randomUUID } from 'node:crypto'
import { makeUpStory, type Moment, type Story } from '../sample-story.ts'
import type { SampleDelivery, SampleOptions } from '../contract.ts'

type Parameters = Readonly<Record<string, string>>

/** How the story's ends are called; the caller who gives up leaves a call nobody answered. */
const endStates: Readonly<Record<string, string>> = {
  normal_clearing: 'completed',
  user_busy: 'busy',
  no_answer: 'timeout',
  originator_cancel: 'no-answer',
}

/** One whole call as Plivo tells it, with fresh ids at every use. */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  const story = makeUpStory(options)
  const uuid = randomUUID()
  const call = {
    CallUUID: uuid,
    ALegUUID: uuid,
    From: story.from.replace('+', ''),
    To: story.to.replace('+', ''),
    Direction: story.inbound ? 'inbound' : 'outbound',
    BillRate: '0.002',
    SessionStart: clockTime(story.startMs),
  }
  return story.moments.flatMap((moment) => {
    const said = parametersOf(moment, story)
    if (!said) return []
    const text = new URLSearchParams({ ...call, ...said }).toString()
    return [{ afterMs: moment.afterMs, content: Buffer.from(text) }]
  })
}

function parametersOf({ type, details }: Moment, story: Story): Parameters | null {
  switch (type) {
    case 'call.initiated':
      return { Event: 'Ring', CallStatus: 'ringing' }
    case 'call.answered':
      return { Event: 'StartApp', CallStatus: 'in-progress' }
    case 'dtmf.received':
      return { Event: 'Redirect', CallStatus: 'in-progress', Digits: String(details.digit) }
    case 'call.hangup':
      return ending(details, story)
    case 'call.recording.saved':
      return recording(story)
    default:
      return null
  }
}

function ending({ cause, cause_source: source }: Moment['details'], story: Story): Parameters {
  const { startMs, answeredMs, endedMs } = story
  const state = endStates[String(cause)] ?? 'failed'
  const seconds = state === 'completed' ? Math.round((endedMs - answeredMs) / 1000) : 0
  const answer = state === 'completed' ? { AnswerTime: clockTime(answeredMs) } : {}
  return {
    Event: 'Hangup',
    CallStatus: state,
    Duration: String(seconds),
    BillDuration: String(Math.ceil(seconds / 60) * 60),
    HangupCause: String(cause).toUpperCase(),
    HangupSource: source === 'caller' ? 'Caller' : 'Callee',
    StartTime: clockTime(startMs),
    ...answer,
    EndTime: clockTime(endedMs),
  }
}

function recording({ answeredMs, endedMs }: Story): Parameters {
  const id = randomUUID()
  return {
    Event: 'RecordStop',
    CallStatus: 'completed',
    RecordUrl: `https://recordings.example.com/${id}.mp3`,
    RecordingID: id,
    RecordingDuration: String(Math.round((endedMs - answeredMs) / 1000)),
    RecordingDurationMs: String(endedMs - answeredMs),
  }
}

/** As Plivo writes times, without their zone, which is UTC. */
function clockTime(unixMs: number): string {
  return new Date(unixMs).toISOString().replace('T', ' ').replace('Z', '')
}
