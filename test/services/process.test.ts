import { once } from 'node:events'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { internalSecret, jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { internal } from '../kit/internal.ts'
import { freePort, ready, spawnService, type Running } from '../kit/process.ts'
import { telnyxEvent, telnyxKeys, type Signed } from '../kit/sender.ts'
import { signToken } from '../kit/token.ts'
import type { Test } from 'tap'

async function start(
  t: Test,
  service: string,
  extra: Record<string, string> = {},
): Promise<Running> {
  const running = spawnService(service, {
    PORT: String(await freePort()),
    DATA_DIR: temporaryDir(t),
    JWT_SECRET: jwtSecret,
    SECRETS_KEY: secretsKey,
    TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
    ...extra,
  })
  t.teardown(() => running.child.kill('SIGKILL'))
  return running
}

async function json(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

for (const service of ['all-in-one', 'event-hub', 'sip-proxy', 'webhook-ingest']) {
  t.test(`${service} tells its health, counts, and stops with exit code 0`, async (t) => {
    const running = await start(t, service)
    await ready(running)
    t.match(await json(`${running.url}/livez`), { status: 200, body: { status: 'ok' } })
    t.match(await json(`${running.url}/readyz`), {
      status: 200,
      body: { status: 'ok', checks: { store: { status: 'ok' } } },
    })
    t.match(await json(`${running.url}/health`), {
      status: 200,
      body: {
        status: 'ok',
        version: String,
        environment: String,
        uptime: Number,
        checks: { store: { status: 'ok' }, bus: { status: 'ok' } },
        websocket: { connections: 0, errors: 0 },
      },
    })
    const text = await (await fetch(`${running.url}/metrics`)).text()
    t.match(text, `switchhook_build_info{service="${service}"`)
    t.match(await json(`${running.url}/metrics`, { accept: 'application/json' }), {
      body: { uptime: Number, memory: { rss: Number }, eventLoop: { utilization: Number } },
    })
    running.child.kill('SIGTERM')
    t.equal(await running.exited, 0)
  })
}

t.test('every mistake in the configuration is named at once, with exit code 78', async (t) => {
  const mistakes = {
    PORT: 'many',
    JWT_SECRET: 'short',
    SECRETS_KEY: 'no key',
    TELNYX_PUBLIC_KEY: 'deadbeef',
    ALLOWED_ORIGINS: 'crm.example.com',
    TRUST_PROXY: 'true',
    PUBLIC_URL: 'calls.example.com',
    LOG_LEVEL: 'loud',
    SWITCHHOOK_PORT: '1',
    DATABASE_URL: 'mysql://db/x',
    REDIS_URL: 'http://redis',
  }
  const running = await start(t, 'all-in-one', mistakes)
  t.equal(await running.exited, 78)
  const lines = running.output().trim().split('\n')
  for (const name of Object.keys(mistakes)) {
    t.ok(
      lines.some((line) => line.startsWith(`${name}: `)),
      name,
    )
  }
  t.notOk(running.output().includes('deadbeef'), 'secrets are not repeated')
})

t.test(
  'without configuration it makes its secrets, private, and says what to do next',
  async (t) => {
    const dataDir = temporaryDir(t)
    const running = await start(t, 'all-in-one', {
      DATA_DIR: dataDir,
      JWT_SECRET: '',
      SECRETS_KEY: '',
    })
    await ready(running)
    t.match(running.output(), `"console":"${running.url}"`)
    t.match(running.output(), 'npx -y pnpm@12 switchhook token --email')
    const secrets = readdirSync(join(dataDir, 'secrets'))
    t.strictSame(secrets.sort(), ['INTERNAL_API_SECRET', 'JWT_SECRET', 'SECRETS_KEY'])
    for (const file of [...secrets.map((name) => `secrets/${name}`), 'switchhook.db']) {
      t.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600, file)
    }
  },
)

t.test('a second process in the same data directory is told so', async (t) => {
  const dataDir = temporaryDir(t)
  const first = await start(t, 'all-in-one', { DATA_DIR: dataDir })
  await ready(first)
  const second = await start(t, 'all-in-one', { DATA_DIR: dataDir })
  t.equal(await second.exited, 1)
  t.match(second.output(), 'another Switchhook process uses')
})

t.test('a data directory that cannot be made is a mistake, not a hang', async (t) => {
  const running = await start(t, 'all-in-one', { DATA_DIR: '/proc/switchhook', JWT_SECRET: '' })
  t.equal(await running.exited, 78)
  t.match(running.output(), /^JWT_SECRET: .*\/proc\/switchhook.* DATA_DIR/m)
})

t.test('a taken port is named', async (t) => {
  const first = await start(t, 'all-in-one')
  await ready(first)
  const second = await start(t, 'all-in-one', { PORT: new URL(first.url).port })
  t.equal(await second.exited, 1)
  t.match(second.output(), /EADDRINUSE.*set PORT/s)
})

t.test('a taken admin port is a failure too', async (t) => {
  const first = await start(t, 'all-in-one')
  await ready(first)
  const second = await start(t, 'all-in-one', { ADMIN_PORT: new URL(first.url).port })
  t.equal(await second.exited, 1)
  t.match(second.output(), /EADDRINUSE/)
})

t.test('a store that is no store is named, with what to do', async (t) => {
  const dataDir = temporaryDir(t)
  writeFileSync(
    join(dataDir, 'switchhook.db'),
    'this is not a database, and it is longer than a page\n'.repeat(100),
  )
  const running = await start(t, 'all-in-one', { DATA_DIR: dataDir })
  t.equal(await running.exited, 1)
  t.match(running.output(), /switchhook\.db cannot be opened: .*Restore a backup/)
})

t.test(
  'metrics and the operators’ API move to the admin port, which trusts the same proxies',
  async (t) => {
    const adminPort = await freePort()
    const environment = { ADMIN_PORT: String(adminPort), TRUST_PROXY: '127.0.0.1' }
    const running = await start(t, 'all-in-one', {
      ...environment,
      INTERNAL_API_SECRET: internalSecret,
    })
    await ready(running)
    t.equal((await fetch(`${running.url}/metrics`)).status, 404)
    t.equal((await fetch(`http://127.0.0.1:${adminPort}/metrics`)).status, 200)
    t.match(await json(`http://127.0.0.1:${adminPort}/nowhere`), { body: { code: 'not_found' } })
    t.match(await json(`http://127.0.0.1:${adminPort}/%zz`), { body: { code: 'bad_request' } })
    t.equal((await internal(running.url, '/apps')).status, 404)
    const operators = `http://127.0.0.1:${adminPort}/internal/apps`
    const headers = { authorization: `Bearer ${internalSecret}`, 'x-forwarded-for': '192.0.2.7' }
    const made = await fetch(operators, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"name":"second"}',
    })
    const { id } = (await made.json()) as { id: string }
    const audit = await fetch(`${operators}/${id}/audit`, { headers })
    t.match(await audit.json(), { items: [{ action: 'app.created', ip: '192.0.2.7' }] })
  },
)

t.test(
  'SIGTERM tells sockets to come back, answers what is under way, and waits for no mute peer',
  async (t) => {
    const running = await start(t, 'all-in-one')
    await ready(running)
    const token = await signToken(jwtSecret)
    const client = await connect(running.url, { token })
    const mute = connectTcp(Number(new URL(running.url).port), '127.0.0.1')
    mute.on('error', () => {})
    mute.write(
      `GET /ws?token=${token} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    await once(mute, 'data')
    const lost = connectTcp(Number(new URL(running.url).port), '127.0.0.1')
    lost.on('error', () => {})
    lost.write('GET /nope HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await once(lost, 'data')
    const underWay = await beginPost(running.url, telnyxEvent())
    running.child.kill('SIGTERM')
    t.match(await client.closed, { code: 1012, reason: /^restart \d{4}$/ })
    t.match(await underWay.finish(), /^HTTP\/1\.1 200 .*"status":"accepted"/s)
    t.equal(await running.exited, 0)
  },
)

/** Less than what everybody is waited for. */
const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(16_500) })

t.test('SIGTERM does not wait for the rest of a request, nor for the next one', async (t) => {
  const adminPort = String(await freePort())
  const running = await start(t, 'all-in-one', { ADMIN_PORT: adminPort })
  await ready(running)
  const urls = [running.url, running.url, `http://127.0.0.1:${adminPort}`]
  const [answered, half, ofOperator] = await Promise.all(
    urls.map((url) => beginPost(url, telnyxEvent())),
  )
  running.child.kill('SIGTERM')
  const ends = [half, ofOperator].map((post) => once(post!.socket, 'close', soon()))
  t.match(await answered!.finish(), /^HTTP\/1\.1 200 .*connection: close.*"accepted"/is)
  answered!.socket.on('error', () => {}).write('GET /livez HTTP/1.1\r\nHo')
  await t.resolves(Promise.all(ends))
  t.equal(await running.exited, 0)
})

/** Sends the head of a request and waits until the server has taken it; the body goes with `finish`. */
async function beginPost(url: string, { body, headers }: Signed) {
  const socket = connectTcp(Number(new URL(url).port), '127.0.0.1')
  const own = { ...headers, host: 'x', expect: '100-continue', 'content-length': body.length }
  const lines = Object.entries(own).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST /webhooks/telnyx HTTP/1.1\r\n${lines.join('')}\r\n`)
  const [taken] = (await once(socket, 'data')) as [Buffer]
  if (!taken.toString().startsWith('HTTP/1.1 100 ')) throw new Error(taken.toString())
  const finish = async (): Promise<string> => {
    socket.write(body)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return answer.toString()
  }
  return { finish, socket }
}

t.test('a stalled request is cut off', async (t) => {
  const running = await start(t, 'all-in-one')
  await ready(running)
  const socket = connectTcp(Number(new URL(running.url).port), '127.0.0.1')
  socket.write('POST /webhooks/telnyx HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  t.match(answer, /^HTTP\/1\.1 408/)
})
