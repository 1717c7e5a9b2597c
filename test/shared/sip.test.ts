import t from 'tap'
import { isMalformed, limits, parse } from '@switchhook/shared/sip'
import { good, head, octetsOf, registerWith } from './sip-sample.ts'

const rest = head.slice(1)

t.test('a request says what it is, where to, and of whom', (t) => {
  const message = registerWith(
    'Contact: <sip:k3j@a1b2c3.invalid;transport=ws>;+sip.instance="<urn:uuid:1>";reg-id=1;expires=600;q=0.7',
    'Expires: 300',
    'User-Agent: Tö 1.0',
    'Content-Length: 0',
  )
  t.equal(message.method, 'REGISTER')
  t.equal(message.status, null)
  t.equal(message.text(message.requestUri!), 'sip:pbx.example')
  t.equal(message.callId, 'call1@a1b2c3.invalid')
  t.strictSame(message.cseq, { number: 7, method: 'REGISTER' })
  t.equal(message.param(good(message.from), 'tag'), 'f1')
  t.equal(message.param(good(message.to), 'tag'), null)
  t.equal(message.text(good(message.topVia).host), 'a1b2c3.invalid')
  t.equal(message.expires, 300)
  t.equal(message.userAgent, 'Tö 1.0')
  t.equal(message.contentLength, 0)
  const [contact, ...others] = good(message.contacts)
  t.strictSame(others, [])
  if (typeof contact !== 'object') return t.fail('no contact')
  t.equal(message.text(contact.uri), 'sip:k3j@a1b2c3.invalid;transport=ws')
  const params = ['+sip.instance', 'reg-id', 'expires', 'q', 'transport']
  t.strictSame(
    params.map((name) => message.param(contact, name)),
    ['<urn:uuid:1>', '1', '600', '0.7', null],
  )
  return t.end()
})

t.test('a response says its status, whatever its phrase', (t) => {
  const phrases = ['SIP/2.0 200 OK', 'sip/2.0 200 ', 'SIP/2.0 200', 'SIP/2.0 200 不']
  for (const line of phrases) {
    const message = good(parse(octetsOf(line, ...rest, '', '')))
    t.equal(message.status, 200)
    t.equal(message.method, null)
    t.equal(message.requestUri, null)
  }
  for (const line of [
    'SIP/2.0 99 x',
    'SIP/2.0 700 x',
    'SIP/2.0 2000 x',
    'SIP/2.0  200',
    'SIP/3.0 200 OK',
  ]) {
    t.equal(isMalformed(parse(octetsOf(line, ...rest, '', ''))), true, line)
  }
  t.end()
})

t.test('a first line is three words one space apart', (t) => {
  const wrong = [
    '',
    'REGISTER',
    'REGISTER sip:a',
    'REGISTER  sip:a SIP/2.0',
    'REGISTER sip:a  SIP/2.0',
    ' REGISTER sip:a SIP/2.0',
    'REGISTER sip:a SIP/2.0 ',
    'REGISTER <sip:a> SIP/2.0',
    'REGI(STER sip:a SIP/2.0',
    'REGISTER\tsip:a SIP/2.0',
    'GET / HTTP/1.1',
  ]
  for (const line of wrong) t.match(parse(octetsOf(line, ...rest, '', '')), { code: 400 }, line)
  t.match(parse(octetsOf('REGISTER sip:a SIP/2.1', ...rest, '', '')), { code: 505 })
  t.equal(good(parse(octetsOf('register sip:a sip/2.0', ...rest, '', ''))).method, 'register')
  t.end()
})

t.test(
  'a header has one name, in whatever case, short or long, with blanks before the colon',
  (t) => {
    const spellings = ['Contact', 'CONTACT', 'm', 'M', 'contact ', 'm\t ']
    for (const name of spellings) {
      const message = registerWith(`${name}: <sip:a@b>`)
      t.equal(good(message.contacts).length, 1, name)
      for (const other of ['contact', 'Contact', 'm']) {
        t.equal(message.valuesNamed(other).length, 1, `${name} as ${other}`)
      }
    }
    for (const name of ['Contacts', 'Contac', 'mm', 'X-Contact', 'Contact_']) {
      t.strictSame(registerWith(`${name}: <sip:a@b>`).contacts, [], name)
    }
    t.end()
  },
)

t.test('a row that others may read as two, or as none, is refused', (t) => {
  const wrong = [
    'Contact : x\rExpires: 0',
    'X: a\nExpires: 0',
    'X: a\n\nExpires: 0',
    ': nameless',
    'No colon',
    'X\r\n : y',
    'X Y: z',
    'X(: z',
    '\0: z',
    'Ü: z',
  ]
  for (const row of wrong) {
    t.match(parse(octetsOf(...head, row, '', '')), { code: 400 }, JSON.stringify(row))
  }
  t.match(parse(octetsOf(head[0]!, ' folded: from nothing', ...rest, '', '')), { code: 400 })
  t.end()
})

t.test('a fold goes on with its row, also where it looks like another', (t) => {
  const message = registerWith(
    'Subject: one\r\n Contact: <sip:evil@b>\r\n\tExpires: 0',
    'Expires: 9',
  )
  t.strictSame(message.contacts, [])
  t.equal(message.expires, 9)
  t.strictSame(
    message.valuesNamed('s').map((value) => message.text(value)),
    ['one Contact: <sip:evil@b> Expires: 0'],
  )
  const blank = registerWith('Subject: one\r\n ', 'Expires: 9')
  t.equal(blank.expires, 9, 'a fold that is nothing but blank ends no headers')
  t.end()
})

t.test('a header that stands once stands once', (t) => {
  for (const row of ['i: another', 'Call-ID: another']) {
    t.match(registerWith(row).callId, { code: 400 })
  }
  t.match(registerWith('CSeq: 8 REGISTER').cseq, { code: 400 })
  t.match(registerWith('f: <sip:b@b>').from, { code: 400 })
  t.match(registerWith('Content-Length: 0', 'l: 0').contentLength, { code: 400 })
  t.equal(registerWith('Expires: 1', 'Expires: 2').expires, null)
  t.end()
})

t.test('numbers are digits, and no larger than they may be', (t) => {
  const expires = ['10', '0', '99999999999999999999', '-1', '1.5', '0x10', '', '1 0'].map(
    (text) => registerWith(`Expires: ${text}`).expires,
  )
  t.strictSame(expires, [10, 0, 2 ** 32 - 1, null, null, null, null, null])
  for (const text of ['-1', '+1', '1e3', '99999999999', '']) {
    t.match(registerWith(`Content-Length: ${text}`).contentLength, { code: 400 }, text)
  }
  const cseqs = ['2147483648 REGISTER', 'REGISTER', '1', '1 REGISTER x', '1REGISTER']
  for (const text of cseqs) {
    const message = parse(octetsOf(...head.slice(0, -1), `CSeq: ${text}`, '', ''))
    t.match(good(message).cseq, { code: 400 }, text)
  }
  t.end()
})

t.test('lists are split at commas outside quotes and angle brackets, over all rows', (t) => {
  const message = registerWith(
    'Contact: "a, \\"b" <sip:1@h,h>;x="1,2" , sip:2@h;expires=1,<sip:3@h>',
    'm: <sip:4@h>',
  )
  const contacts = good(message.contacts)
  t.strictSame(contacts === '*' ? [] : contacts.map(({ uri }) => message.text(uri)), [
    'sip:1@h,h',
    'sip:2@h',
    'sip:3@h',
    'sip:4@h',
  ])
  for (const value of [
    '',
    ',',
    '<sip:a@b>,',
    ',<sip:a@b>',
    '<sip:a@b>,,<sip:c@d>',
    '"a <sip:a@b>',
    '<sip:a@b',
  ]) {
    t.match(registerWith(`Contact: ${value}`).contacts, { code: 400 }, value)
  }
  t.end()
})

t.test('a star is all contacts, and stands alone', (t) => {
  t.equal(registerWith('Contact: *').contacts, '*')
  t.equal(registerWith('m:  * ').contacts, '*')
  t.match(registerWith('Contact: *', 'Contact: <sip:a@b>').contacts, { code: 400 })
  t.match(registerWith('Contact: *, <sip:a@b>').contacts, { code: 400 })
  t.end()
})

t.test('an address needs its URI, and brackets where the URI could be cut wrong', (t) => {
  const wrong = [
    '"Ann"',
    '"Ann" sip:a@b',
    'Ann <sip:a@b',
    '<>',
    '< sip:a@b>',
    '<a@b>',
    'sip:a@b?x=y',
    '<sip:a@b>x',
    '<sip:a@b>;;',
    '<sip:a@b>;=x',
    '<sip:a@b>;x=',
    '<sip:a@b>;x="y',
  ]
  for (const value of wrong)
    t.match(registerWith(`Contact: ${value}`).contacts, { code: 400 }, value)
  for (const value of [
    'sip:a@b',
    '<sip:a@b?x=y>',
    'Ann Lee<sip:a@b> ; x',
    '"" <sip:a@b>;x = "é;,"',
    'tel:+1',
  ]) {
    t.equal(good(registerWith(`Contact: ${value}`).contacts).length, 1, value)
  }
  t.end()
})

t.test('what is too large is refused: a message, a row, the number of rows', (t) => {
  const long = (length: number) => `X: ${'x'.repeat(length - 5)}`
  t.ok(registerWith(long(limits.rowBytes)))
  t.match(parse(octetsOf(...head, long(limits.rowBytes + 1), '', '')), { code: 400 })
  const rows = (count: number) => Array.from({ length: count }, () => 'X: y')
  t.equal(registerWith(...rows(limits.rows - rest.length)).rowCount, limits.rows)
  t.match(parse(octetsOf(...head, ...rows(limits.rows), '', '')), { code: 400 })
  const whole = octetsOf(...head, '', '')
  const full = Buffer.concat([whole, Buffer.alloc(limits.messageBytes - whole.length)])
  t.notOk(isMalformed(parse(full)))
  t.match(parse(Buffer.concat([full, Buffer.alloc(1)])), { code: 513 })
  t.notOk(isMalformed(parse(Buffer.concat([full, Buffer.alloc(1)]), full.length + 1)))
  t.end()
})
