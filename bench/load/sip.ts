import { randomBytes } from 'node:crypto'

/** A SIP message as a browser sends it, and as it has to come back. */
export interface SipMessage {
  /** One final, masked text frame. */
  readonly frame: Buffer
  readonly payload: Buffer
}

const invite = 'INVITE sip:1002@pbx.example.com SIP/2.0'
const bye = 'BYE sip:1002@203.0.113.9:5060;transport=udp SIP/2.0'
const ok = 'SIP/2.0 200 OK'

/** First line and octets of the body: two calls as a browser phone sends them, one of them not its own. */
const outline: readonly (readonly [string, number])[] = [
  ['REGISTER sip:pbx.example.com SIP/2.0', 0],
  [invite, 1_000],
  ['ACK sip:1002@203.0.113.9:5060;transport=udp SIP/2.0', 0],
  ['INFO sip:1002@203.0.113.9:5060;transport=udp SIP/2.0', 22],
  ['OPTIONS sip:pbx.example.com SIP/2.0', 0],
  [invite, 960],
  ['ACK sip:1002@203.0.113.9:5060;transport=udp SIP/2.0', 0],
  [bye, 0],
  ['SIP/2.0 100 Trying', 0],
  ['SIP/2.0 180 Ringing', 0],
  [ok, 900],
  ['MESSAGE sip:1003@pbx.example.com SIP/2.0', 120],
  [ok, 940],
  ['SUBSCRIBE sip:1002@pbx.example.com SIP/2.0', 0],
  [bye, 0],
  [ok, 0],
]

/** Messages of 480 to 1,500 octets, sent in turn. */
export const sipMessages: readonly SipMessage[] = outline.map(([firstLine, bodyBytes], index) => {
  const payload = Buffer.from(messageOf(firstLine, bodyBytes, index))
  return { payload, frame: frameOf(payload) }
})

function messageOf(firstLine: string, bodyBytes: number, index: number): string {
  const method = firstLine.startsWith('SIP') ? 'INVITE' : firstLine.split(' ', 1)[0]
  const candidate = 'a=candidate:1 1 udp 2113937151 192.0.2.17 54321 typ host generation 0\r\n'
  const body = candidate.repeat(Math.ceil(bodyBytes / candidate.length)).slice(0, bodyBytes)
  return [
    firstLine,
    `Via: SIP/2.0/WS 4d1bdmh2k9qs.invalid;branch=z9hG4bK${8_000_000 + index};rport`,
    'Max-Forwards: 69',
    'From: "Ada Lovelace" <sip:1001@pbx.example.com>;tag=t5q2l9r8vd',
    'To: <sip:1002@pbx.example.com>;tag=as53c1a8f2',
    `Call-ID: n4v6q1t8k2h0w5r3y7z${index}`,
    `CSeq: ${4_711 + index} ${method}`,
    'Contact: <sip:b7k2m5t1@4d1bdmh2k9qs.invalid;transport=ws;ob>',
    'Allow: INVITE,ACK,CANCEL,BYE,UPDATE,MESSAGE,OPTIONS,REFER,INFO,NOTIFY',
    'Supported: outbound,path,gruu',
    'User-Agent: a browser phone',
    `Content-Length: ${bodyBytes}`,
    `\r\n${body}`,
  ].join('\r\n')
}

/** RFC 6455 §5.2, with the two octets of length that messages of this size have. */
function frameOf(payload: Buffer): Buffer {
  const mask = randomBytes(4)
  const masked = Buffer.from(payload.map((octet, at) => octet ^ mask[at % 4]!))
  const length = Buffer.from([payload.length >> 8, payload.length & 255])
  return Buffer.concat([Buffer.of(0x81, 0xfe), length, mask, masked])
}
