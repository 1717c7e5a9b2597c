import { randomUUID } from 'node:crypto'
import type { SampleDelivery, SampleOptions } from '../contract.ts'
import { makeUpStory, type Moment, type Story } from '../sample-story.ts'

/**
 * One whole call as a sender of ours would tell it, with fresh ids at every use. Bodies carry the
 * times at which their events are due.
 */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  const story = makeUpStory(options)
  const { inbound, from, to } = story
  const callId = randomUUID()
  const call = { call_id: callId, direction: inbound ? 'inbound' : 'outbound', from, to }
  return story.moments.map((moment) => {
    const { afterMs, atMs, type } = moment
    const data = { ...call, ...moment.details, ...detailsOf(moment, story, callId) }
    const body = { type, timestamp: new Date(atMs).toISOString(), data }
    return { afterMs, content: Buffer.from(JSON.stringify(body)) }
  })
}

/** What an event says that depends on who called, and for how long. */
function detailsOf({ type }: Moment, story: Story, callId: string): Moment['details'] {
  const { callerName, answeredMs, endedMs, cost } = story
  switch (type) {
    case 'call.initiated':
      return { caller_name: callerName }
    case 'call.recording.saved':
      return {
        url: `https://recordings.example.com/${callId}.mp3`,
        duration_ms: endedMs - answeredMs,
      }
    case 'call.cost':
      return { amount: cost.amount, currency: cost.currency }
    default:
      return {}
  }
}
