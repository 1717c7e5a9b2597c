import { isMalformed, parse, type Message, type Parsed } from '@switchhook/shared/sip'

/** The value, of what must be none that is malformed. */
export function good<T>(parsed: Parsed<T>): T {
  if (isMalformed(parsed)) throw new Error(`${parsed.reason} at ${parsed.at}`)
  return parsed
}

/** Lines as a message; a body follows the empty line. */
export function octetsOf(...lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\r\n'), 'utf8')
}

/** A REGISTER with these rows, read. */
export function registerWith(...rows: readonly string[]): Message {
  return good(parse(octetsOf(...head, ...rows, '', '')))
}

export const head = [
  'REGISTER sip:pbx.example SIP/2.0',
  'Via: SIP/2.0/WSS a1b2c3.invalid;branch=z9hG4bK1',
  'From: "Ann" <sip:1001@pbx.example>;tag=f1',
  'To: <sip:1001@pbx.example>',
  'Call-ID: call1@a1b2c3.invalid',
  'CSeq: 7 REGISTER',
]
