import { WebSocket } from 'ws'
import t from 'tap'
import { originMistakes } from '@switchhook/plugins/origin-check'
import { build } from '../kit/build.ts'
import { connect } from '../kit/client.ts'

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0' }

const allowed =
  'https://crm.example.com https://*.agents.example.com:8443 null file:// app://dialer'
const environment = { ALLOWED_ORIGINS: allowed, FRONTEND_URL: 'https://front.example.com/app' }

t.test('origins are compared whole: exact, or one label for a wildcard', async (t) => {
  const { url, token } = await build(t, { environment })
  const table: [origin: string, passes: boolean][] = [
    ['https://crm.example.com', true],
    ['https://front.example.com', true],
    ['https://a.agents.example.com:8443', true],
    ['null', true],
    ['file://', true],
    ['app://dialer', true],
    ['http://127.0.0.1:3000', true],
    ['http://localhost:3000', true],
    ['http://crm.example.com', false],
    ['https://crm.example.com:443', false],
    ['https://crm.example.com:8443', false],
    ['https://CRM.example.com', false],
    ['https://crm.example.com.', false],
    ['https://crm.example.com.evil.test', false],
    ['https://evilcrm.example.com', false],
    ['https://crm.example.com@evil.test', false],
    ['https://a.b.agents.example.com:8443', false],
    ['https://agents.example.com:8443', false],
    ['https://.agents.example.com:8443', false],
    ['https://a.agents.example.com', false],
    ['https://a/.agents.example.com:8443', false],
    ['https://xn--crm-example.com', false],
    ['https://crm.example.com, https://evil.test', false],
    ['app://other', false],
    ['http://127.0.0.1:4000', false],
  ]
  for (const [origin, passes] of table) {
    const status = await handshake(`${url}/ws?token=${token}`, { origin })
    t.equal(status, passes ? 101 : 403, origin)
  }
  t.equal(await handshake(`${url}/ws?token=${token}`, {}), 101, 'no origin is no browser')
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

t.test('entries that can never match are mistakes', (t) => {
  const mistakes = (...allow: string[]) => originMistakes({ allow, insecureAnyOrigin: false })
  t.strictSame(
    mistakes('https://a.example', 'http://*.a.example', 'null', 'https://[::1]:3000'),
    [],
  )
  for (const entry of [
    'a.example',
    'https://a.example/',
    'https://*',
    'https://*.com',
    'https://a.*.example',
    '*',
    'ftp://a.example',
  ]) {
    t.equal(mistakes(entry).length, 1, entry)
  }
  t.strictSame(originMistakes({ allow: ['*'], insecureAnyOrigin: true }), [])
  t.end()
})

/** The status of a handshake: 101, or that of the refusal. */
function handshake(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers })
    socket.on('open', () => {
      resolve(101)
      socket.terminate()
    })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!))
    socket.on('error', reject)
  })
}
