import { WebSocket } from 'ws'
import t from 'tap'
import { originMistakes } from '@switchhook/plugins/origin-check'
import { build } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import type { ClientOptions } from 'ws'

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0' }

const allowed = [
  'https://crm.example.com',
  'https://*.agents.example.com:8443',
  'https://*.two.example',
  'https://xn--mnchen-3ya.example',
  'https://typed.example:443',
  'http://plain.example:80',
  'https://[2001:db8::1]:8443',
  'https://[2001:db8:0:0:0:0:0:2]',
  'https://192.0.2.1',
  'null',
  'file://',
  'app://dialer',
  'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
].join(' ')
const environment = { ALLOWED_ORIGINS: allowed, FRONTEND_URL: 'https://front.example.com/app/' }

t.test('origins are compared whole: exact, or one label for a wildcard', async (t) => {
  const { url, token } = await build(t, { environment })
  const table: [origin: string, passes: boolean][] = [
    ['https://crm.example.com', true],
    ['https://front.example.com', true],
    ['https://a.agents.example.com:8443', true],
    ['https://a-1.two.example', true],
    ['https://xn--mnchen-3ya.example', true],
    ['https://typed.example', true],
    ['http://plain.example', true],
    ['https://[2001:db8::1]:8443', true],
    ['https://[2001:db8::2]', true],
    ['https://192.0.2.1', true],
    ['null', true],
    ['file://', true],
    ['app://dialer', true],
    ['chrome-extension://abcdefghijklmnopabcdefghijklmnop', true],
    ['http://127.0.0.1:3000', true],
    ['http://localhost:3000', true],
    ['http://[::1]:3000', true],
    // Another scheme, port or spelling.
    ['http://crm.example.com', false],
    ['wss://crm.example.com', false],
    ['https://crm.example.com:443', false],
    ['https://crm.example.com:8443', false],
    ['https://typed.example:443', false],
    ['https://plain.example', false],
    ['https://CRM.example.com', false],
    ['HTTPS://crm.example.com', false],
    ['https://crm.example.com.', false],
    ['https://crm.example.com/', false],
    ['https://crm.example.com/app', false],
    ['https://www.crm.example.com', false],
    ['NULL', false],
    ['file:///', false],
    ['file:///index.html', false],
    ['app://other', false],
    ['http://127.0.0.1:4000', false],
    ['https://127.0.0.1:3000', false],
    // Suffixes, prefixes and what stands before an @.
    ['https://crm.example.com.evil.test', false],
    ['https://evilcrm.example.com', false],
    ['https://crm.example.com@evil.test', false],
    ['https://crm.example.com:pass@evil.test', false],
    ['https://evil.test#https://crm.example.com', false],
    ['https://evil.test/.two.example', false],
    ['https://crm-example.com', false],
    // Wildcards stand for one label.
    ['https://a.b.agents.example.com:8443', false],
    ['https://agents.example.com:8443', false],
    ['https://.agents.example.com:8443', false],
    ['https://a.agents.example.com', false],
    ['https://a/.agents.example.com:8443', false],
    ['https://*.two.example', false],
    ['https://-a.two.example', false],
    ['https://a.two.example.evil.test', false],
    ['https://eviltwo.example', false],
    ['*', false],
    // Names that look alike.
    ['https://münchen.example', false],
    ['https://xn--mnchen-3yb.example', false],
    ['https://xn--crm-example.com', false],
    // Addresses that are the same in another spelling, or others.
    ['https://[2001:db8:0::1]:8443', false],
    ['https://[2001:db8::1]', false],
    ['https://[2001:db8::3]:8443', false],
    ['https://[::ffff:192.0.2.1]', false],
    ['https://3221225985', false],
    ['https://crm.example.com, https://evil.test', false],
    ['https://crm.example.com https://evil.test', false],
    ['', false],
  ]
  for (const [origin, passes] of table) {
    const status = await handshake(`${url}/ws?token=${token}`, { origin })
    t.equal(status, passes ? 101 : 403, origin)
  }
  t.equal(await handshake(`${url}/ws?token=${token}`, {}), 101, 'no origin is no browser')
})

t.test('two Origin headers are refused, also if each may connect', async (t) => {
  const { url, token } = await build(t, { environment })
  const origin = ['https://crm.example.com', 'https://crm.example.com']
  t.equal(await handshake(`${url}/ws?token=${token}`, { origin }), 403)
})

t.test('a handshake of version 8, whose origin has another name, gets nowhere', async (t) => {
  const { url, token } = await build(t, { environment })
  for (const origin of ['https://evil.test', 'https://crm.example.com']) {
    const options = { origin, protocolVersion: 8 }
    t.equal(await handshake(`${url}/ws?token=${token}`, {}, options), 426, origin)
  }
})

t.test('any origin may connect if that is said twice, but those that ended', async (t) => {
  const { url, token } = await build(t, {
    environment: {
      ALLOWED_ORIGINS: '* https://old.example;until=2020-02-29',
      INSECURE_ANY_ORIGIN: 'true',
    },
  })
  t.equal(await handshake(`${url}/ws?token=${token}`, { origin: 'https://any.test' }), 101)
  t.equal(await handshake(`${url}/ws?token=${token}`, { origin: 'https://old.example' }), 403)
})

t.test('the page of this process passes, by its public name and on localhost', async (t) => {
  const environment = { PUBLIC_URL: 'https://calls.example.com', PORT: '3555' }
  const { url, token } = await build(t, { environment })
  for (const origin of [
    'https://calls.example.com',
    'http://127.0.0.1:3555',
    'http://localhost:3555',
  ]) {
    t.equal(await handshake(`${url}/ws?token=${token}`, { origin }), 101, origin)
  }
})

t.test('a refused page reads the reason, curl reads the status', async (t) => {
  const { url, token } = await build(t, { environment })
  const origin = 'https://preview.example'
  const client = await connect(url, { token, headers: { origin, ...browser } })
  t.strictSame(await client.closed, { code: 1008, reason: `origin_not_allowed ${origin}` })
  t.equal(await handshake(`${url}/ws?token=${token}`, { origin }), 403)
})

t.test('an origin longer than a close reason is cut, not fatal', async (t) => {
  const { url, token } = await build(t, { environment })
  const origin = `https://${'a'.repeat(200)}.example`
  const client = await connect(url, { token, headers: { origin, ...browser } })
  const { code, reason } = await client.closed
  t.equal(code, 1008)
  t.equal(reason, `origin_not_allowed ${origin}`.slice(0, 123))
})

t.test(
  'a refused origin is logged once a minute, with the setting that would allow it',
  async (t) => {
    const lines: string[] = []
    const { url, token } = await build(t, { environment, log: (line) => lines.push(line) })
    for (const origin of ['https://one.test', 'https://two.test', 'https://one.test']) {
      await handshake(`${url}/ws?token=${token}`, { origin })
    }
    const refusals = lines.filter((line) => line.includes('origin refused'))
    t.equal(refusals.length, 2)
    t.match(JSON.parse(refusals[0]!), {
      origin: 'https://one.test',
      fix: 'add https://one.test to ALLOWED_ORIGINS',
    })
  },
)

t.test('entries that can never match are mistakes, each with an example', (t) => {
  const mistakes = (...allow: string[]) => originMistakes({ allow, insecureAnyOrigin: false })
  t.strictSame(
    mistakes('https://a.example', 'http://*.a.example', 'null', 'https://[::1]:3000'),
    [],
  )
  t.strictSame(
    mistakes(
      'https://old.example;until=2026-12-20;successor=https://new.example',
      'https://*.old.example;until=2028-02-29',
      'https://twice.example',
      'https://twice.example',
    ),
    [],
  )
  const table: [entry: string, reason: RegExp, example: RegExp][] = [
    ['a.example', /is not an origin/, /^https/],
    ['https://a.example/', /scheme, host and port only/, /^https:\/\/a\.example$/],
    ['https://A.example/app?x', /as a browser sends it/, /^https:\/\/a\.example$/],
    ['https://münchen.example', /as a browser sends it/, /^https:\/\/xn--mnchen-3ya\.example$/],
    ['https://a.example:99999', /is not an origin/, /^https/],
    ['https://256.1.1.1', /is not an origin/, /^https/],
    ['https://*', /is not an origin/, /^https/],
    ['https://*.com', /is not an origin/, /^https/],
    ['https://a.*.example', /is not an origin/, /^https/],
    ['*', /INSECURE_ANY_ORIGIN=true/, /^https/],
    ['ftp://a.example', /is not an origin/, /^https/],
    ['https://a.example;until=2026-02-30', /no day: '2026-02-30'/, /until=2026-12-20/],
    ['https://a.example;until=20.12.2026', /no day/, /until=2026-12-20/],
    ['https://a.example;until', /no day: ''/, /until=2026-12-20/],
    ['https://a.example;till=2026-12-20', /unknown part 'till'/, /until=/],
    ['https://a.example;until=2026-12-20;until=2026-12-20', /until twice/, /until=/],
    ['https://a.example;successor=https://b.example', /no until/, /until=/],
    ['https://a.example;until=2026-12-20;successor=b.example', /no origin: 'b.example'/, /succ/],
    ['https://a.example;until=2026-12-20;successor=https://*.b.example', /no origin/, /succ/],
  ]
  for (const [entry, reason, example] of table) {
    t.match(mistakes(entry), [{ name: 'ALLOWED_ORIGINS', reason, example }], entry)
    t.equal(mistakes(entry).length, 1, entry)
  }
  t.strictSame(originMistakes({ allow: ['*'], insecureAnyOrigin: true }), [])
  t.match(mistakes('https://a.example', 'https://a.example;until=2026-12-20'), [
    { reason: /^https:\/\/a\.example stands in ALLOWED_ORIGINS too/ },
  ])
  const frontendUrl = 'front.example'
  t.match(originMistakes({ allow: [], frontendUrl, insecureAnyOrigin: false }), [
    { name: 'FRONTEND_URL', reason: /is not an origin/ },
  ])
  t.end()
})

type Headers = Record<string, string | string[]>

/** The status of a handshake: 101, or that of the refusal. */
function handshake(url: string, headers: Headers, options: ClientOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    // The types of ws know one value per header.
    const socket = new WebSocket(url.replace('http', 'ws'), {
      headers,
      ...options,
    } as ClientOptions)
    socket.on('open', () => {
      resolve(101)
      socket.terminate()
    })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!))
    socket.on('error', reject)
  })
}
