import { randomBytes } from 'node:crypto'
import { printable } from '../printable.ts'
import type { Conversation } from '../conversation.ts'

/** What a SIP server said to OPTIONS. */
export interface SipAnswer {
  readonly status: number
  readonly reason: string
  /** Its Server or User-Agent; null if it does not say. */
  readonly agent: string | null
}

/** How long an answer is waited for; many servers give none to strangers. */
const timeoutMs = 2_000
/** Other messages that may come before it. */
const mostMessages = 20

/** Asks a server what it can do (RFC 3261 §11), without any credential; null if it does not answer. */
export async function askOptions(talk: Conversation, url: URL): Promise<SipAnswer | null> {
  const callId = randomBytes(12).toString('hex')
  talk.say(optionsRequest(url, callId))
  const until = performance.now() + timeoutMs
  for (let count = 0; count < mostMessages; count++) {
    const said = await talk.next(Math.max(0, until - performance.now()))
    if (said?.kind !== 'message') return null
    const answer = said.text.includes(callId) ? answerIn(said.text) : null
    if (answer) return answer
  }
  return null
}

function optionsRequest({ hostname, protocol }: URL, callId: string): string {
  const us = `${randomBytes(6).toString('hex')}.invalid`
  const transport = protocol === 'wss:' ? 'WSS' : 'WS'
  return [
    `OPTIONS sip:${hostname} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${us};branch=z9hG4bK${randomBytes(8).toString('hex')}`,
    'Max-Forwards: 70',
    `From: <sip:doctor@${us}>;tag=${randomBytes(5).toString('hex')}`,
    `To: <sip:${hostname}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    'Accept: application/sdp',
    'User-Agent: switchhook-doctor',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n')
}

/** A final answer and who gives it; null if it is none. */
export function answerIn(text: string): SipAnswer | null {
  const [, status, reason = ''] = /^SIP\/2\.0 ([2-6]\d\d) ?([^\r\n]*)/.exec(text) ?? []
  if (status === undefined) return null
  const [head = ''] = text.split('\r\n\r\n', 1)
  const [, agent = ''] = /\r\n(?:Server|User-Agent)[ \t]*:([^\r\n]*)/i.exec(head) ?? []
  return { status: Number(status), reason: printable(reason), agent: printable(agent) || null }
}
