import { once } from 'node:events'
import { createServer, request, type RequestListener, type Server } from 'node:http'
import { connect } from 'node:net'
import { test, type Test } from 'tap'
import { examineDeployment, type Check } from '@switchhook/shared/doctor'
import { build } from '../kit/build.ts'
import { freePort } from '../kit/process.ts'

type Given = Partial<Parameters<typeof examineDeployment>[0]>

function examined(url: string, given: Given = {}): Promise<Check[]> {
  return Array.fromAsync(examineDeployment({ url: new URL(url), now: Date.now, ...given }))
}

const faultsIn = (checks: readonly Check[]): Check[] => checks.filter(({ ok }) => !ok)
const find = (checks: readonly Check[], name: string): Check | undefined =>
  checks.find(({ check }) => check === name)

async function listening(t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

interface Spoiling {
  /** Answers instead of the suite, if it wants to. */
  readonly instead?: (...call: Parameters<RequestListener>) => boolean
  readonly headers?: (headers: Record<string, unknown>) => Record<string, unknown>
  /** Lets upgrades through, and cuts them off after so many ms; undefined: they are requests as others. */
  readonly upgrades?: { readonly cutAfterMs: number | null }
  /** Holds bodies back until they are whole. */
  readonly buffers?: boolean
}

/** A proxy in front of a suite, with a fault. */
function proxy(t: Test, upstream: string, spoiling: Spoiling = {}): Promise<string> {
  const { instead = () => false, headers: change = (same) => same, upgrades } = spoiling
  const { port } = new URL(upstream)
  const server = createServer((incoming, answer) => {
    if (instead(incoming, answer)) return
    const { upgrade: _, connection: __, ...headers } = incoming.headers
    const passing = {
      port,
      host: '127.0.0.1',
      method: incoming.method,
      path: incoming.url,
      headers,
    }
    const outgoing = request({
      ...passing,
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
    })
    outgoing.on('error', () => answer.destroy())
    outgoing.on('response', (response) => {
      const changed = change(response.headers) as Record<string, string>
      if (!spoiling.buffers) answer.writeHead(response.statusCode!, changed)
      if (!spoiling.buffers) response.pipe(answer)
      else
        void Array.fromAsync(response as AsyncIterable<Buffer>).then(
          (parts) => {
            answer.writeHead(response.statusCode!, changed).end(Buffer.concat(parts))
          },
          () => answer.destroy(),
        )
    })
    answer.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
  if (upgrades) {
    server.on('upgrade', (incoming, socket, head) => {
      const behind = connect(Number(port), '127.0.0.1', () => {
        const lines = Object.entries(incoming.headers).map(
          ([name, value]) => `${name}: ${String(value)}`,
        )
        behind.write([`GET ${incoming.url} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
        behind.write(head)
        socket.pipe(behind).pipe(socket)
        if (upgrades.cutAfterMs !== null) setTimeout(() => socket.destroy(), upgrades.cutAfterMs)
      })
      for (const [one, other] of [
        [socket, behind],
        [behind, socket],
      ] as const) {
        one.on('error', () => other.destroy()).on('close', () => other.destroy())
      }
    })
  }
  return listening(t, server)
}

test('a deployment that is right has a line for everything, and no fault', async (t) => {
  const { url, token } = await build(t)
  const checks = await examined(url, { token })
  t.same(faultsIn(checks), [])
  t.match(
    checks.map(({ check }) => check),
    [
      'tls',
      'clock',
      '/livez',
      '/readyz',
      '/health',
      '/metrics',
      '/',
      '/sdk.js',
      '/openapi.json',
    ].concat(['/ws', '/events', '/api/ws/check', '/webhooks', '/api/config', '/api/sip-check']),
  )
  t.match(find(checks, '/ws')?.message, /WebSockets pass, and an idle socket is kept for 3 s/)
  t.match(find(checks, '/webhooks')?.message, 'refuses what nobody signed')
  t.match(find(checks, '/events')?.message, 'arrive as they are sent')
  t.match(find(checks, '/api/config'), { code: 'skipped', message: /--upstream/ })
})

test('without a token it sees what can be seen, and an origin is asked about', async (t) => {
  const { url } = await build(t)
  const checks = await examined(url, { origin: 'https://crm.example.com', upstream: 'nobody' })
  t.match(find(checks, '/events'), { code: 'skipped' })
  t.match(find(checks, '/api/ws/check'), {
    code: 'origin_not_allowed',
    fix: /Add https:\/\/crm\.example\.com to ALLOWED_ORIGINS/,
  })
  t.match(find(checks, '/api/config'), { ok: false, code: 'upstream_not_found' })
  t.match(find(checks, '/api/sip-check'), { ok: false })
})

test('without a token or an origin a PBX is asked about as by a page of the deployment', async (t) => {
  const target = `ws://127.0.0.1:${await freePort()}/ws`
  const upstreams = [{ name: 'office', targets: [target], allowPrivate: true }]
  const file = t.testdir({ 'upstreams.json': JSON.stringify({ upstreams }) })
  const environment = { SIP_UPSTREAMS_FILE: `${file}/upstreams.json` }
  const { url } = await build(t, { environment })
  const strange = await examined(url, { upstream: 'office' })
  t.match(find(strange, '/api/sip-check'), { code: 'skipped', message: /--origin/ })
  const open = await build(t, {
    environment: { ...environment, ALLOWED_ORIGINS: '*', INSECURE_ANY_ORIGIN: '1' },
  })
  const checks = await examined(open.url, { upstream: 'office' })
  t.match(find(checks, '/api/sip-check'), { ok: false, code: 'upstream_unreachable' })
})

test('a proxy that passes no upgrades and holds streams back is found out', async (t) => {
  const { url, token } = await build(t)
  const front = await proxy(t, url, { buffers: true })
  const checks = await examined(front, { token })
  t.match(find(checks, '/ws'), { ok: false, code: 'upgrade_dropped', fix: /proxy_set_header/ })
  t.match(find(checks, '/events'), { ok: false, code: 'stream_held_back', fix: /proxy_buffering/ })
})

test('a proxy that cuts idle sockets off, changes headers or keeps paths to itself is found out', async (t) => {
  const { url } = await build(t)
  const front = await proxy(t, url, {
    upgrades: { cutAfterMs: 500 },
    headers(given) {
      const { 'content-security-policy': _, ...headers } = given
      return { ...headers, date: new Date(Date.now() - 600_000).toUTCString() }
    },
    instead(incoming, answer) {
      const isKept = ['/sdk.js', '/webhooks/telnyx'].includes(incoming.url ?? '')
      if (isKept) answer.writeHead(404).end('<html>')
      return isKept
    },
  })
  t.match(faultsIn(await examined(front)), [
    { check: 'clock', code: 'clock_skew', message: /(?:599|60\d) s behind/ },
    { check: '/', code: 'csp_changed', message: /missing/ },
    { check: '/sdk.js', code: 'path_not_found' },
    { check: '/ws', code: 'cut_off', fix: /proxy_read_timeout/ },
    { check: '/webhooks', code: 'path_not_found' },
  ])
})

test('where nobody answers, or somebody else, it says so once', async (t) => {
  t.match(await examined(`http://127.0.0.1:${await freePort()}`), [
    { check: 'tls', code: 'skipped' },
    { check: 'connection', code: 'connection_refused' },
    { check: 'rest', code: 'skipped' },
  ])
  t.match(await examined('https://nobody.invalid'), [
    { check: 'tls', code: 'upstream_unresolved' },
    { check: 'connection', code: 'dns_failure' },
    { check: 'rest', code: 'skipped' },
  ])
  const other = await listening(
    t,
    createServer((_, answer) => answer.end('hello')),
  )
  const checks = await examined(other)
  t.match(find(checks, '/health'), { ok: false })
  t.match(find(checks, '/webhooks'), { ok: false })
})
