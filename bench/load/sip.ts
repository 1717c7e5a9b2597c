import { randomBytes } from 'node:crypto'

/** A SIP message as a browser sends it, and as it has to come back. */
export interface SipMessage {
  /** One final, masked text frame. */
  readonly frame: Buffer
  readonly payload: Buffer
}

const invite = 'INVITE sip:1002@pbx.example.com SIP/2.0'
const ack = 'ACK sip:1002@203.0.113.9:5060;transport=udp SIP/2.0'
const bye = 'BYE sip:1002@203.0.113.9:5060;transport=udp SIP/2.0'
const ok = 'SIP/2.0 200 OK'

/** First line and octets of the body: two calls as browser phones have them. */
const calls: readonly (readonly [string, number])[] = [
  [invite, 1_000],
  [ack, 0],
  ['INFO sip:1002@203.0.113.9:5060;transport=udp SIP/2.0', 22],
  ['OPTIONS sip:pbx.example.com SIP/2.0', 0],
  [invite, 960],
  [ack, 0],
  [bye, 0],
  ['SIP/2.0 100 Trying', 0],
  ['SIP/2.0 180 Ringing', 0],
  [ok, 900],
  ['MESSAGE sip:1003@pbx.example.com SIP/2.0', 120],
  [ok, 940],
  [bye, 0],
  [ok, 0],
]

/** The same for every line. */
const common = calls.map(([firstLine, bodyBytes], index) => {
  const call = index < 7 ? 'a' : 'b'
  const method = firstLine.startsWith('SIP') ? 'INVITE' : firstLine.split(' ', 1)[0]!
  return messageOf({ firstLine, bodyBytes, user: 1001, call, cseq: `${4_711 + index} ${method}` })
})

/**
 * What a line says in turn, 480 to 1,500 octets each: a REGISTER of a user of its own, the answer to it, which is one
 * when it comes back, and two calls.
 */
export function messagesOf(line: number): readonly SipMessage[] {
  const own = { bodyBytes: 0, user: 10_000 + line, call: `r${line}`, cseq: '17 REGISTER' }
  const register = messageOf({ ...own, firstLine: 'REGISTER sip:pbx.example.com SIP/2.0' })
  return [register, messageOf({ ...own, firstLine: ok }), ...common]
}

interface Outline {
  readonly firstLine: string
  readonly bodyBytes: number
  readonly user: number
  readonly call: string
  readonly cseq: string
}

function messageOf({ firstLine, bodyBytes, user, call, cseq }: Outline): SipMessage {
  const candidate = 'a=candidate:1 1 udp 2113937151 192.0.2.17 54321 typ host generation 0\r\n'
  const body = candidate.repeat(Math.ceil(bodyBytes / candidate.length)).slice(0, bodyBytes)
  const text = [
    firstLine,
    `Via: SIP/2.0/WS 4d1bdmh2k9qs.invalid;branch=z9hG4bK${call}8000000;rport`,
    'Max-Forwards: 69',
    `From: "Ada Lovelace" <sip:${user}@pbx.example.com>;tag=t5q2l9r8vd`,
    `To: <sip:${user}@pbx.example.com>;tag=as53c1a8f2`,
    `Call-ID: n4v6q1t8k2h0w5r3y7z${call}`,
    `CSeq: ${cseq}`,
    `Contact: <sip:b7k2m${user}@4d1bdmh2k9qs.invalid;transport=ws>;expires=600`,
    'Allow: INVITE,ACK,CANCEL,BYE,UPDATE,MESSAGE,OPTIONS,REFER,INFO,NOTIFY',
    'Supported: outbound,path,gruu',
    'User-Agent: a browser phone',
    `Content-Length: ${bodyBytes}`,
    `\r\n${body}`,
  ].join('\r\n')
  const payload = Buffer.from(text)
  return { payload, frame: frameOf(payload) }
}

/** RFC 6455 §5.2, with the two octets of length that messages of this size have. */
function frameOf(payload: Buffer): Buffer {
  const mask = randomBytes(4)
  const masked = Buffer.from(payload.map((octet, at) => octet ^ mask[at % 4]!))
  const length = Buffer.from([payload.length >> 8, payload.length & 255])
  return Buffer.concat([Buffer.of(0x81, 0xfe), length, mask, masked])
}
