import t from 'tap'
import { isSameUri, parseUri } from '@switchhook/shared/sip'
import { good } from './sip-sample.ts'

t.test('a URI is taken apart once, in one way', (t) => {
  const read = (text: string) => {
    const octets = Buffer.from(text, 'latin1')
    return parseUri(octets, { start: 0, end: octets.length })
  }
  const wrong = [
    '',
    'sip:',
    ':a',
    '1sip:a',
    'sip:@b',
    'sip::p@b',
    'sip:a@',
    'sip:a@b@c',
    'sip:a@b:',
    'sip:a@b:x',
    'sip:a@b:65536',
    'sip:a@b/c',
    'sip:a@b;',
    'sip:a@b;=x',
    'sip:a@[::1',
    'sip:a@[g]',
    'sip:a%4@b',
    'sip:a b@c',
    'sip:a@b\0c',
    'sip:a@b\r\nX: y',
    'sip:a@b%2f',
  ]
  for (const text of wrong) t.match(read(text), { code: 400 }, JSON.stringify(text))
  const octets = Buffer.from('SIPS:a;b=c:pw@[2001:db8::1]:5061;transport=ws;lr?X=y;z')
  const uri = good(parseUri(octets, { start: 0, end: octets.length }))
  if (!('host' in uri)) return t.fail('no SIP URI')
  const text = (span: { start: number; end: number } | null) =>
    span && octets.toString('latin1', span.start, span.end)
  t.equal(uri.scheme, 'sips')
  t.equal(uri.port, 5061)
  t.strictSame([uri.user, uri.password, uri.host, uri.hostPort, uri.headers].map(text), [
    'a;b=c',
    'pw',
    '[2001:db8::1]',
    '[2001:db8::1]:5061',
    'X=y;z',
  ])
  t.strictSame(
    uri.params.map(({ name, value }) => [text(name), text(value)]),
    [
      ['transport', 'ws'],
      ['lr', null],
    ],
  )
  return t.end()
})

t.test('URIs are the same as RFC 3261 says', (t) => {
  const same = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['name:x', 'name:x'],
  ] as const
  const different = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;maddr=1.2.3.4'],
    ['sip:a:b@c', 'sip:a%3Ab@c'],
    ['name:x', 'name:X'],
    ['sip:a', 'junk'],
  ] as const
  for (const [one, two] of same) t.ok(isSameUri(one, two) && isSameUri(two, one), `${one} ${two}`)
  for (const [one, two] of different) {
    t.notOk(isSameUri(one, two) || isSameUri(two, one), `${one} ${two}`)
  }
  t.end()
})
