import { randomBytes, randomUUID } from 'node:crypto'
import { makeUpStory, type Moment, type Story } from '../sample-story.ts'
import type { SampleDelivery, SampleOptions } from '../contract.ts'

type Message = Readonly<Record<string, unknown>>

const greeting = 'Thank you for calling Switchhook Demo. How can I help?'
const wish = 'I would like to book a room.'
/** How the story's ends are called. */
const endedReasons: Readonly<Record<string, string>> = {
  normal_clearing: 'customer-ended-call',
  originator_cancel: 'customer-ended-call',
  no_answer: 'customer-did-not-answer',
  user_busy: 'customer-busy',
}

/** One whole call with a voice assistant as Vapi tells it, with fresh ids at every use. */
export function sampleCall(options: SampleOptions): SampleDelivery[] {
  const story = makeUpStory(options)
  const call = callOf(story)
  return story.moments.flatMap((moment) =>
    messagesAt(moment, story, String(call.id)).map((said) => {
      const message = { timestamp: moment.atMs, ...said, call, ...partiesOf(story) }
      return { afterMs: moment.afterMs, content: Buffer.from(JSON.stringify({ message })) }
    }),
  )
}

function callOf({ inbound, startMs }: Story): Message {
  const id = randomUUID()
  return {
    id,
    orgId: randomUUID(),
    createdAt: new Date(startMs).toISOString(),
    type: inbound ? 'inboundPhoneCall' : 'outboundPhoneCall',
    phoneCallProvider: 'twilio',
    phoneCallProviderId: `CA${randomBytes(16).toString('hex')}`,
    phoneCallTransport: 'pstn',
    monitor: {
      listenUrl: `wss://calls.example.com/${id}/listen`,
      controlUrl: `https://calls.example.com/${id}/control`,
    },
  }
}

function partiesOf({ inbound, from, to, callerName }: Story): Message {
  const [customer, ours] = inbound ? [from, to] : [to, from]
  return {
    customer: { number: customer, ...(inbound && { name: callerName }) },
    phoneNumber: { number: ours, provider: 'twilio' },
  }
}

/** What Vapi says at a moment of the story, if anything. */
function messagesAt(moment: Moment, story: Story, callId: string): Message[] {
  switch (moment.type) {
    case 'call.initiated':
      return opening(story)
    case 'call.answered':
      return [status('in-progress')]
    case 'call.speak.started':
      return [speech('started')]
    case 'dtmf.received':
      return [transcript('partial', wish.slice(0, 14)), transcript('final', wish)]
    case 'call.speak.ended':
      return [speech('stopped')]
    case 'call.bridged':
      return [toolCall(), conversation()]
    case 'call.hangup':
      return [{ ...status('ended'), endedReason: reasonOf(moment) }]
    case 'call.recording.saved':
      return [report(story, callId)]
    default:
      return []
  }
}

function opening({ inbound }: Story): Message[] {
  const call = [status('queued'), status('ringing')]
  return inbound ? [{ type: 'assistant-request' }, ...call] : call
}

function status(state: string): Message {
  return { type: 'status-update', status: state }
}

function speech(state: string): Message {
  return { type: 'speech-update', status: state, role: 'assistant', turn: 0 }
}

function transcript(transcriptType: string, text: string): Message {
  return { type: 'transcript', role: 'user', transcriptType, transcript: text }
}

function toolCall(): Message {
  return {
    type: 'tool-calls',
    toolCallList: [{ id: 'call_1', name: 'book_room', parameters: { nights: 2 } }],
  }
}

function conversation(): Message {
  return {
    type: 'conversation-update',
    messages: [
      { role: 'bot', message: greeting },
      { role: 'user', message: wish },
    ],
  }
}

function reasonOf({ details }: Moment): string {
  return endedReasons[String(details.cause)] ?? 'customer-ended-call'
}

function report({ answeredMs, endedMs, cost }: Story, callId: string): Message {
  const recordingUrl = `https://recordings.example.com/${callId}.wav`
  return {
    type: 'end-of-call-report',
    endedReason: 'customer-ended-call',
    startedAt: new Date(answeredMs).toISOString(),
    endedAt: new Date(endedMs).toISOString(),
    cost: Number(cost.amount),
    artifact: { recordingUrl, transcript: `AI: ${greeting}\nUser: ${wish}\n` },
    analysis: { summary: 'A room was booked for two nights.' },
  }
}
