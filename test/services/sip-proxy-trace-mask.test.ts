import { array, assert, boolean, constantFrom, func, property, tuple, uint8Array } from 'fast-check'
import t from 'tap'
import { maskMessage, maskStartLine } from '../../services/sip-proxy/trace/mask.ts'
import { readText, valueOf } from '../../services/sip-proxy/trace/text.ts'

/** What may be read nowhere afterwards. */
const secret = 'S3cr3tS3cr3t'

const masked = (message: string): string => maskMessage(readText(Buffer.from(message)))

/** A REGISTER with these rows. */
const withRows = (...rows: readonly string[]): string =>
  ['REGISTER sip:example.com SIP/2.0', 'Call-ID: a@b', ...rows, '', ''].join('\r\n')

/** A message with this body. */
const withBody = (type: string, body: string): string =>
  ['INVITE sip:1002@example.com SIP/2.0', `Content-Type: ${type}`, '', body].join('\r\n')

const hiding: Readonly<Record<string, string>> = {
  'a digest': withRows(
    `Authorization: Digest username="1001", realm="pbx", nonce="${secret}", uri="sip:pbx", response="${secret}", cnonce="${secret}", opaque="${secret}", qop=auth, nc=00000001`,
  ),
  'a digest for a proxy': withRows(`Proxy-Authorization: Digest response="${secret}"`),
  'a challenge': withRows(`WWW-Authenticate: Digest realm="pbx", nonce="${secret}"`),
  'a challenge of a proxy': withRows(`Proxy-Authenticate: Digest nonce=${secret}`),
  'what comes with the answer': withRows(
    `Authentication-Info: nextnonce="${secret}", rspauth="${secret}", cnonce="${secret}"`,
  ),
  'a digest in other letters': withRows(`AUTHORIZATION: DIGEST Response = "${secret}"`),
  'a blank before the colon': withRows(`Authorization \t: Digest response="${secret}"`),
  'a folded header': withRows(
    `Authorization: Digest username="1001",\r\n\tresponse=\r\n "${secret}"`,
  ),
  'a header folded by LF alone': withRows(`Authorization: Digest\n response="${secret}"`),
  'lines that end in CR alone': withRows(`Subject: x\rAuthorization: Digest response="${secret}"`),
  'a fold of the first line': `REGISTER sip:a SIP/2.0\r\n Authorization: Digest response="${secret}"\r\n\r\n`,
  'a text that does not end': withRows(`Authorization: Digest response="${secret}`),
  'an escaped quote': withRows(`Authorization: Digest opaque="a\\"${secret}"`),
  'a parameter of a vendor': withRows(`Authorization: Digest gssapi-data="${secret}"`),
  'a bearer': withRows(`Authorization: Bearer ${secret}`),
  'a password in Base64': withRows(`Authorization: Basic ${secret}==`),
  'no scheme at all': withRows(`Authorization: ${secret}`),
  'a scheme nobody knows': withRows(`Authorization: ${secret} ${secret}`),
  'a token in an address': withRows(`Contact: <sip:1001@x.invalid;transport=ws?token=${secret}>`),
  'a token in a parameter': withRows(`Contact: <sip:1001@x.invalid;access_token=${secret}>`),
  'a token in the first line': `REGISTER sip:example.com;token=${secret} SIP/2.0\r\n\r\n`,
  'a password in an address': withRows(`From: <sip:1001:${secret}@example.com>;tag=1`),
  'a password in a link': withRows(`Call-Info: <https://user:${secret}@example.com/x>`),
  'a header of a vendor': withRows(`X-Auth-Token: ${secret}`),
  'a key of a vendor': withRows(`X-Api-Key: ${secret}`),
  'a cookie': withRows(`Cookie: a=${secret}`),
  'a bearer anywhere': withRows(`X-Whatever: bearer ${secret}`),
  'a subprotocol with a token': withRows(`X-Protocol: sip, bearer.${secret}`),
  'a JWT': withRows(`X-Whatever: eyJhbGciOi.${secret}.${secret}`),
  'a head without an end': `REGISTER sip:a SIP/2.0\r\nAuthorization: Digest response="${secret}"`,
  'a row that is no header': withRows(`nonce="${secret}"`),
  'an SDES key': withBody(
    'application/sdp',
    `v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${secret}|2^20|1:4\r\n`,
  ),
  'an ICE password': withBody('application/sdp', `v=0\r\na=ice-pwd:${secret}\r\n`),
  'a MIKEY key': withBody('application/sdp', `v=0\na=key-mgmt:mikey ${secret}\n`),
  'an old key': withBody('application/sdp', `v=0\r\nk=clear:${secret}\r\n`),
  'keys in other letters': withBody('Application/SDP ; x=y', `A=CRYPTO:1 X inline:${secret}`),
  'a token in a text': withBody('text/plain', `see https://example.com/?token=${secret}`),
  'a body behind an empty line of two kinds': `INVITE sip:a SIP/2.0\r\nc: application/sdp\n\r\na=crypto:1 X inline:${secret}\r\n`,
  'a body behind a line of blanks': `INVITE sip:a SIP/2.0\r\nc: application/sdp\r\n \r\na=crypto:1 X inline:${secret}\r\na=ice-pwd:${secret}\r\n`,
  'a key behind a blank': withBody('application/sdp', ` a = crypto: 1 X inline:${secret}`),
  'a key in a line of another kind': withBody(
    'text/plain',
    `x\u2028a=crypto:1 X inline:${secret}\u2028`,
  ),
  'a credential in an address': withRows(
    `Refer-To: <sip:a@pbx?Proxy-Authorization=Digest%20response%3D%22${secret}%22>`,
  ),
  'DTMF, which may be a PIN': withBody('application/dtmf-relay', `Signal=${secret}`),
  'several parts': withBody('multipart/mixed;boundary=x', `--x\r\na=ice-pwd:${secret}\r\n--x--`),
  'a body of no type': ['INVITE sip:a SIP/2.0', '', secret].join('\r\n'),
  'a body that is packed': [
    'INVITE sip:a SIP/2.0',
    'c: application/sdp',
    'e: gzip',
    '',
    secret,
  ].join('\r\n'),
}

for (const [name, message] of Object.entries(hiding)) {
  t.test(`nobody reads ${name}`, (t) => {
    t.match(message, secret)
    t.notMatch(masked(message), secret)
    t.notMatch(maskStartLine(readText(Buffer.from(message))), secret)
    t.end()
  })
}

t.test('however it is written, a response is not read', (t) => {
  const blank = constantFrom('', ' ', '\t', '\r\n ', '\r\n\t ')
  const name = constantFrom('Authorization', 'Proxy-Authorization', 'WWW-Authenticate')
  const parameter = constantFrom('response', 'nonce', 'cnonce', 'opaque')
  const quotes = constantFrom('"', '')
  const cased = func(boolean())
  assert(
    property(
      tuple(name, parameter, quotes, array(blank, { minLength: 4, maxLength: 4 }), cased),
      ([header, parameter, quote, [a, b, c, d], upper]) => {
        const text = (word: string): string =>
          Array.from(word, (char) => (upper(char) ? char.toUpperCase() : char)).join('')
        const value = `${text('digest')} ${a}realm="x"${b},${text(parameter)}${c}=${d}${quote}${secret}${quote}`
        return !masked(withRows(`${text(header)}: ${value}`)).includes(secret)
      },
    ),
  )
  t.end()
})

t.test('what tells how it works can be read', (t) => {
  const message = withRows(
    'v: SIP/2.0/WSS x.invalid;branch=z9hG4bK1',
    'f: "Ann" <sip:1001@example.com>;tag=abc',
    'm: <sip:1001@x.invalid;transport=ws>;expires=600',
    `Authorization: Digest algorithm=MD5, username="1001", realm="pbx, nr. 1", nonce="n", uri="sip:example.com", qop=auth, nc=00000001`,
  )
  const text = masked(message)
  t.match(text, 'v: SIP/2.0/WSS x.invalid;branch=z9hG4bK1\r\n')
  t.match(text, 'f: "Ann" <sip:1001@example.com>;tag=abc\r\n')
  t.match(
    text,
    'Authorization: Digest algorithm=MD5, username="1001", realm="pbx, nr. 1", nonce="…", uri="sip:example.com", qop=auth, nc=00000001',
  )
  const sdp = 'v=0\r\na=fingerprint:sha-256 AB:CD\r\na=ice-ufrag:x\r\na=crypto:1 AES_CM inline:k'
  t.match(
    masked(withBody('application/sdp', sdp)),
    '\r\n\r\nv=0\r\na=fingerprint:sha-256 AB:CD\r\na=ice-ufrag:x\r\na=crypto:1 AES_CM …',
  )
  const other = masked(withBody('application/pidf+xml', '<presence/>'))
  t.match(other, '(11 octets of application/pidf+xml)')
  t.end()
})

t.test('a header is found by its short name, and whatever folds it has', (t) => {
  const text = readText(Buffer.from(withRows('i : x', 'T: <sip:1001\r\n @example.com>')))
  t.equal(valueOf(text, 'call-id'), 'a@b', 'the first of its name')
  t.equal(valueOf(text, 'to'), '<sip:1001 @example.com>')
  t.equal(valueOf(text, 'contact'), '')
  t.end()
})

t.test('a message that is made to be slow to read is read all the same', (t) => {
  const long = 65_000
  for (const part of ['"\\', '"', 'nonce ', 'sip:', 'sip:a:', 'eyJ', 'eyJ-', '<', 'a', 'a=', ',']) {
    const filled = part.repeat(long / part.length)
    for (const name of ['Authorization: Digest', 'Contact:', 'From:', 'X-Token:', 'Subject:']) {
      masked(withRows(`${name} ${filled}`))
    }
    masked(withBody('application/sdp', filled))
  }
  t.pass('in time')
  t.end()
})

t.test('any octets are read without an error', (t) => {
  assert(
    property(uint8Array({ maxLength: 500 }), (octets) => {
      const text = readText(Buffer.from(octets))
      return typeof maskMessage(text) === 'string'
    }),
  )
  t.end()
})
