import { array, assert, constantFrom, property } from 'fast-check'
import t from 'tap'
import { createRewrite } from '../../services/sip-proxy/rewrite.ts'
import type { Side } from '../../services/sip-proxy/relay/contract.ts'

const contactHost = 'edge.example:5062'

/** An answer or a request with these rows, and a body that must stay as it is. */
function text(startLine: string, rows: readonly string[], method = 'INVITE'): string {
  return [
    startLine,
    'Via: SIP/2.0/WSS a1b2c3.invalid;branch=z9hG4bK1',
    'Record-Route: <sip:k3j@edge.example:5062;lr>',
    'To: <sip:k3j@edge.example:5062>;tag=t',
    'From: <sip:1001@pbx.example>;tag=f',
    'Call-ID: c@a1b2c3.invalid',
    `CSeq: 1 ${method}`,
    ...rows,
    'Content-Type: application/sdp',
    'Content-Length: 31',
    '',
    'o=- 1 1 IN IP4 a1b2c3.invalid\r\n',
  ].join('\r\n')
}

/** What a rewrite makes of texts, one after the other. */
function rewriting(host = contactHost) {
  const rewrite = createRewrite(host)
  return (from: Side, message: string): string =>
    String(rewrite.rewrite(from, Buffer.from(message)) ?? 'none')
}

const register = 'REGISTER sip:pbx.example SIP/2.0'
const own =
  'Contact: <sip:k3j@a1b2c3.invalid;transport=ws;ob>;+sip.instance="<urn:uuid:1>";expires=600'

t.test('a Contact of nowhere goes up with a place, and nothing else is touched', (t) => {
  const say = rewriting()
  const starts = [register, 'INVITE sip:1002@pbx.example SIP/2.0', 'SIP/2.0 200 OK']
  for (const start of starts) {
    t.equal(
      say('browser', text(start, [own])),
      text(start, [own.replace('a1b2c3.invalid', contactHost)]),
    )
  }
  t.end()
})

t.test(
  'however it is written: short, folded, without brackets, with a port, a password, in a list',
  (t) => {
    const forms = [
      ['m:<sips:k3j@X.INVALID:4711>', 'm:<sips:k3j@edge.example:5062>'],
      [
        'CONTACT :\r\n "a, <b>" <sip:k3j:pw@x.invalid>\r\n ;q=1',
        'CONTACT :\r\n "a, <b>" <sip:k3j:pw@edge.example:5062>\r\n ;q=1',
      ],
      ['Contact: sip:k3j@x.invalid;expires=1', 'Contact: sip:k3j@edge.example:5062;expires=1'],
      [
        'Contact: <sip:a@x.invalid>, <sip:b@192.0.2.1>,<sip:c@y.invalid>',
        'Contact: <sip:a@edge.example:5062>, <sip:b@192.0.2.1>,<sip:c@edge.example:5062>',
      ],
      ['Contact: <sip:x.invalid>', 'Contact: <sip:edge.example:5062>'],
      ['Contact: <sip:k3j@invalid?x=y>', 'Contact: <sip:k3j@edge.example:5062?x=y>'],
    ] as const
    for (const [before, after] of forms) {
      t.equal(rewriting()('browser', text(register, [before])), text(register, [after]))
    }
    t.end()
  },
)

t.test('a Contact that is somewhere, that is all, or that cannot be read stays', (t) => {
  const rows = [
    'Contact: *',
    'Contact: <sip:k3j@192.0.2.1>',
    'Contact: <sip:k3j@x.invalid.example>',
    'Contact: <sip:k3j@notinvalid>',
    'Contact: <sip:1001@pbx.example;gr=urn:uuid:1>',
    'Contact: <tel:+1>',
    'Contact: <sip:k3j@x.invalid',
    'X: <sip:k3j@x.invalid>',
  ]
  for (const row of rows) {
    const message = text(register, [row])
    const octets = Buffer.from(message)
    t.equal(createRewrite(contactHost).rewrite('browser', octets), octets, row)
  }
  t.end()
})

t.test('what a PBX says of our Contact is again what the browser sent', (t) => {
  const say = rewriting()
  say('browser', text(register, [own]))
  const placed = own.replace('a1b2c3.invalid', contactHost)
  const others = [
    'Contact: <sip:another@edge.example:5062;transport=ws>;expires=5, <sip:k3j@elsewhere.example:5062>',
    'P-Asserted-Identity: <sip:k3j@edge.example:5062>',
  ]
  t.equal(
    say('upstream', text('SIP/2.0 200 OK', [...others, placed], 'REGISTER')),
    text('SIP/2.0 200 OK', [...others, own], 'REGISTER'),
  )
  t.equal(
    say('upstream', text('INVITE sip:k3j@EDGE.example:5062;transport=ws SIP/2.0', others)),
    text('INVITE sip:k3j@a1b2c3.invalid;transport=ws SIP/2.0', others),
  )
  t.equal(
    say('upstream', text('BYE sip:%6b3j@edge.example:5062;alias=1.2.3.4~5~6 SIP/2.0', [], 'BYE')),
    text('BYE sip:%6b3j@a1b2c3.invalid;alias=1.2.3.4~5~6 SIP/2.0', [], 'BYE'),
  )
  for (const start of [
    'INVITE sip:another@edge.example:5062 SIP/2.0',
    'INVITE sip:k3j@edge.example:5063 SIP/2.0',
  ]) {
    t.equal(say('upstream', text(start, others)), text(start, others))
  }
  t.end()
})

t.test('a usual port may be left away by either', (t) => {
  for (const [host, said] of [
    ['edge.example', 'edge.example:5060'],
    ['edge.example:5060', 'edge.example'],
    ['[2001:db8::1]:5060', '[2001:DB8::1]'],
  ] as const) {
    const say = rewriting(host)
    say('browser', text(register, [own]))
    t.equal(
      say('upstream', text(`INVITE sip:k3j@${said} SIP/2.0`, [])),
      text('INVITE sip:k3j@a1b2c3.invalid SIP/2.0', []),
    )
  }
  t.end()
})

t.test('each connection puts back its own, and only what it sent', (t) => {
  const [one, two] = [rewriting(), rewriting()]
  one('browser', text(register, [own]))
  const call = text('INVITE sip:k3j@edge.example:5062 SIP/2.0', [])
  t.equal(two('upstream', call), call)
  two('browser', text(register, [own.replace('a1b2c3', 'd4e5f6')]))
  t.match(two('upstream', call), /^INVITE sip:k3j@d4e5f6\.invalid /)
  t.match(one('upstream', call), /^INVITE sip:k3j@a1b2c3\.invalid /)
  t.end()
})

t.test('of sixteen users of a connection each is put back, of more the last ones', (t) => {
  const say = rewriting()
  for (let user = 0; user < 17; user += 1) {
    say('browser', text(register, [`Contact: <sip:u${user}@h${user}.invalid>`]))
  }
  const called = (user: number) =>
    say('upstream', text(`INVITE sip:u${user}@edge.example:5062 SIP/2.0`, []))
  t.match(called(1), /^INVITE sip:u1@h1\.invalid /)
  t.match(called(16), /^INVITE sip:u16@h16\.invalid /)
  t.match(called(0), /^INVITE sip:u0@edge\.example:5062 /)
  t.end()
})

t.test('what is no SIP goes on as it is', (t) => {
  const rewrite = createRewrite(contactHost)
  for (const octets of ['', '\r\n\r\n', '\r\n', 'hello', `${register}\r\n${own}`, '\0\r\n\r\n']) {
    for (const side of ['browser', 'upstream'] as const) {
      t.equal(rewrite.rewrite(side, Buffer.from(octets)), null, JSON.stringify(octets))
    }
  }
  t.end()
})

t.test('nothing that a browser writes becomes a line of its own', (t) => {
  const piece = constantFrom(
    'sip:',
    'k3j',
    '@',
    '.invalid',
    'x',
    ':5',
    ';a',
    '<',
    '>',
    '"',
    ',',
    '\r\n ',
    ' ',
    '\0',
    '%0d%0a',
    '\\',
  )
  assert(
    property(array(piece, { maxLength: 14 }), (pieces) => {
      const rewrite = createRewrite(contactHost)
      const up = Buffer.from(text(register, [`Contact: ${pieces.join('')}`]))
      const down = Buffer.from(
        text('INVITE sip:k3j@edge.example:5062 SIP/2.0', ['Contact: <sip:k3j@edge.example:5062>']),
      )
      for (const [side, message] of [
        ['browser', up],
        ['upstream', down],
      ] as const) {
        const written = rewrite.rewrite(side, message)
        if (!written) continue
        const lines = (octets: Buffer) => String(octets).split(/[\r\n\0]/).length
        if (lines(written) !== lines(message)) throw new Error(JSON.stringify(String(written)))
      }
    }),
    { numRuns: 3_000 },
  )
  t.end()
})
