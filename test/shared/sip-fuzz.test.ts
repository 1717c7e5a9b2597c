import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { array, assert, constantFrom, integer, nat, property, tuple } from 'fast-check'
import t from 'tap'
import {
  faultOf,
  isMalformed,
  isSip,
  parse,
  parseUri,
  write,
  type Message,
} from '@switchhook/shared/sip'
import { head, octetsOf } from './sip-sample.ts'

const specials = '",;<>=:@?*%\\[]() \t'.split('')
const folder = join(import.meta.dirname, '../fixtures/sip-torture')
const messages = readdirSync(folder)
  .filter((name) => name.endsWith('.dat'))
  .map((name) => readFileSync(join(folder, name)))

/** Everything that can be asked of a message. */
function askAll(message: Message): unknown[] {
  const { callId, cseq, from, to, vias, topVia, contacts, expires, userAgent, body } = message
  const rows = Array.from({ length: message.rowCount }, (_, index) => message.row(index))
  const texts = rows.flatMap(({ name, value }) => [message.text(name), message.shown(value)])
  const uris = [message.requestUri, ...addressesOf(message).map(({ uri }) => uri)].map(
    (uri) => uri && parseUri(message.octets, uri),
  )
  const numbers = [message.contentLength, message.maxForwards, expires]
  return [callId, cseq, from, to, vias, topVia, userAgent, body, contacts, numbers, uris, texts]
}

function addressesOf({ contacts }: Message) {
  return isMalformed(contacts) || contacts === '*' ? [] : contacts
}

function look(octets: Buffer): void {
  const message = parse(octets)
  if (isMalformed(message)) return
  askAll(message)
  faultOf(message)
  if (!write(message, []).equals(octets)) throw new Error('not as it came')
}

t.test('no octet that is changed, taken away or put in makes a message throw', (t) => {
  const edit = tuple(nat(), integer({ min: 0, max: 255 }), constantFrom(0, 1, 2))
  const edits = tuple(constantFrom(...messages), array(edit, { minLength: 1, maxLength: 8 }))
  assert(
    property(edits, ([original, list]) => {
      let octets = original
      for (const [where, octet, kind] of list) {
        const place = where % octets.length
        const [before, behind] = [
          octets.subarray(0, place),
          octets.subarray(place + (kind < 2 ? 1 : 0)),
        ]
        octets = Buffer.concat([before, ...(kind > 0 ? [Buffer.from([octet])] : []), behind])
      }
      look(octets)
    }),
    { numRuns: 5_000 },
  )
  t.end()
})

t.test('nor does a message that breaks off anywhere', (t) => {
  for (const message of messages) {
    for (let end = 0; end < message.length; end += 1) look(message.subarray(0, end))
  }
  t.end()
})

t.test('nor do rows of the characters that mean something', (t) => {
  const piece = constantFrom(...specials, '\r\n ', 'sip:', 'a', '1', 'é', '\0', 'SIP/2.0/')
  const value = array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
  const name = constantFrom(
    'Contact',
    'm',
    'Via',
    'v',
    'To',
    'f',
    'CSeq',
    'Call-ID',
    'Expires',
    'l',
    'X',
  )
  const rows = array(tuple(name, value), { maxLength: 12 })
  assert(
    property(rows, (list) => {
      look(octetsOf(...head, ...list.map(([key, text]) => `${key}: ${text}`), '', ''))
    }),
    { numRuns: 5_000 },
  )
  t.end()
})

t.test('what is read of a contact holds no end of a line, and its host is a host', (t) => {
  const piece = constantFrom(
    'sip:',
    'a',
    '@',
    'b',
    '.invalid',
    ':1',
    ';x',
    '<',
    '>',
    '\r\n ',
    '%0d%0a',
    ' ',
    '[::1]',
    '"',
    '\0',
    '/',
  )
  assert(
    property(array(piece, { maxLength: 12 }), (pieces) => {
      const message = parse(octetsOf(...head, `Contact: ${pieces.join('')}`, '', ''))
      if (isMalformed(message)) return
      for (const { uri } of addressesOf(message)) {
        if (/[\0\r\n<>" ]/.test(message.text(uri))) throw new Error(message.text(uri))
        const parts = parseUri(message.octets, uri)
        if (isMalformed(parts) || !isSip(parts)) continue
        const host = message.text(parts.host)
        if (!/^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/.test(host)) throw new Error(host)
      }
    }),
    { numRuns: 5_000 },
  )
  t.end()
})

t.test('a message of the largest size is read to its end, whatever it repeats', (t) => {
  const repeated = [
    '<',
    '"',
    '\\"',
    ',',
    ';',
    '<sip:a@b>,',
    ';a=b',
    '\r\n ',
    ' ',
    'a:',
    '%',
    '@',
    '\r',
    '[',
  ]
  for (const piece of repeated) {
    const rows = Array.from(
      { length: 7 },
      () => `Contact: ${piece.repeat(Math.floor(8_000 / piece.length))}`,
    )
    look(octetsOf(...head, ...rows, '', ''))
    look(octetsOf(head[0]!, piece.repeat(Math.floor(60_000 / piece.length))))
    look(Buffer.from(piece.repeat(Math.floor(60_000 / piece.length))))
  }
  t.end()
})
