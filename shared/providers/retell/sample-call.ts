import { randomBytes } from 'node:crypto'
import { makeUpStory, type Moment, type Story } from '../sample-story.ts'
import type { SampleDelivery, SampleOptions } from '../contract.ts'

type Content = Readonly<Record<string, unknown>>

const greeting = { role: 'agent', content: 'Thank you for calling Switchhook Demo.' }
const wish = { role: 'user', content: 'I would like to book a room.' }
/** How the story's ends are called. */
const reasons: Readonly<Record<string, string>> = {
  normal_clearing: 'user_hangup',
  originator_cancel: 'user_hangup',
  no_answer: 'dial_no_answer',
  user_busy: 'dial_busy',
}

/** One whole call with a voice agent as Retell tells it, with fresh ids at every use. */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  const story = makeUpStory(options)
  const { inbound, from, to, answeredMs } = story
  const callId = `call_${randomBytes(14).toString('hex').slice(0, 27)}`
  const isAnswered = story.moments.some(({ type }) => type === 'call.answered')
  const call = {
    call_type: 'phone_call',
    call_id: callId,
    agent_id: `agent_${randomBytes(13).toString('hex')}`,
    direction: inbound ? 'inbound' : 'outbound',
    from_number: from,
    to_number: to,
    ...(isAnswered && { start_timestamp: answeredMs }),
  }
  return story.moments.flatMap((moment) => {
    const said = saidAt(moment, story, callId)
    if (!said) return []
    const content = { event: said.event, call: { ...call, ...said.more } }
    return [{ afterMs: moment.afterMs, content: Buffer.from(JSON.stringify(content)) }]
  })
}

/** What Retell says at a moment of the story, if anything: it is silent until a call is answered. */
function saidAt(
  moment: Moment,
  story: Story,
  callId: string,
): { event: string; more: Content } | null {
  switch (moment.type) {
    case 'call.answered':
      return { event: 'call_started', more: { call_status: 'ongoing' } }
    case 'call.speak.started':
      return { event: 'transcript_updated', more: transcript(greeting) }
    case 'dtmf.received':
      return { event: 'transcript_updated', more: transcript(greeting, wish) }
    case 'call.bridged':
      return {
        event: 'transfer_bridged',
        more: { call_status: 'ongoing', transfer_destination: story.to },
      }
    case 'call.hangup':
      return { event: 'call_ended', more: ending(moment, story) }
    case 'call.recording.saved':
      return { event: 'call_analyzed', more: { ...ended(story, callId), ...analysis() } }
    default:
      return null
  }
}

function transcript(...utterances: readonly (typeof greeting)[]): Content {
  const lines = utterances.map(({ role, content }) =>
    role === 'agent' ? `Agent: ${content}\n` : `User: ${content}\n`,
  )
  return {
    call_status: 'ongoing',
    transcript: lines.join(''),
    transcript_object: utterances,
  }
}

function ending({ atMs, details }: Moment, { answeredMs, startMs }: Story): Content {
  const reason = reasons[String(details.cause)] ?? 'user_hangup'
  return {
    call_status: 'ended',
    end_timestamp: atMs,
    duration_ms: answeredMs === startMs ? 0 : atMs - answeredMs,
    disconnection_reason: reason,
  }
}

function ended({ answeredMs, endedMs }: Story, callId: string): Content {
  return {
    call_status: 'ended',
    end_timestamp: endedMs,
    duration_ms: endedMs - answeredMs,
    recording_url: `https://recordings.example.com/${callId}.wav`,
  }
}

function analysis(): Content {
  return {
    call_analysis: {
      call_summary: 'A room was booked for two nights.',
      user_sentiment: 'Positive',
      call_successful: true,
      in_voicemail: false,
    },
  }
}
