import { randomBytes, randomUUID } from 'node:crypto'
import { makeUpStory, type Moment, type Story } from '../sample-story.ts'
import type { SampleDelivery, SampleOptions } from '../contract.ts'

type Content = Readonly<Record<string, unknown>>

/** How the story's ends are called; a caller who gives up cancels. */
const endStates: Readonly<Record<string, string>> = {
  normal_clearing: 'completed',
  originator_cancel: 'cancelled',
  no_answer: 'unanswered',
  user_busy: 'busy',
}

/** One whole call as Vonage tells it, with fresh ids at every use. */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  const story = makeUpStory(options)
  const call = { uuid: randomBytes(16).toString('hex'), conversation_uuid: `CON-${randomUUID()}` }
  const leg = {
    headers: {},
    from: story.from.replace('+', ''),
    to: story.to.replace('+', ''),
    ...call,
    direction: story.inbound ? 'inbound' : 'outbound',
  }
  return story.moments.flatMap((moment) => {
    const said = saidAt(moment, story)
    if (!said) return []
    const { conversation_uuid } = call
    const about = moment.type === 'call.recording.saved' ? { conversation_uuid } : leg
    const content = { ...about, ...said, timestamp: isoTime(moment.atMs) }
    return [{ afterMs: moment.afterMs, content: Buffer.from(JSON.stringify(content)) }]
  })
}

function saidAt({ type, details }: Moment, story: Story): Content | null {
  switch (type) {
    case 'call.initiated':
      return { status: story.inbound ? 'ringing' : 'started' }
    case 'call.answered':
      return { status: 'answered' }
    case 'dtmf.received':
      return { dtmf: { digits: String(details.digit), timed_out: false }, speech: {} }
    case 'call.hangup':
      return ending(String(details.cause), story)
    case 'call.recording.saved':
      return recording(story)
    default:
      return null
  }
}

function ending(cause: string, story: Story): Content {
  const status = endStates[cause] ?? 'failed'
  if (status !== 'completed') return { status }
  const { answeredMs, endedMs, cost } = story
  return {
    status,
    start_time: isoTime(answeredMs),
    end_time: isoTime(endedMs),
    duration: String(Math.round((endedMs - answeredMs) / 1000)),
    price: cost.amount,
    rate: '0.0020',
    network: 'US-FIXED',
    disconnected_by: 'user',
  }
}

function recording({ answeredMs, endedMs }: Story): Content {
  return {
    recording_url: `https://recordings.example.com/v1/files/${randomUUID()}`,
    recording_uuid: randomUUID(),
    start_time: isoTime(answeredMs),
    end_time: isoTime(endedMs),
    size: 16 * (endedMs - answeredMs),
  }
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString()
}
