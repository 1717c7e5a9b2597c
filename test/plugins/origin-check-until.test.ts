import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import admin from '@switchhook/plugins/admin'
import { ConfigError } from '@switchhook/shared/config'
import metrics from '@switchhook/plugins/metrics'
import originCheck from '@switchhook/plugins/origin-check'
import type { Test } from 'tap'

interface Clock {
  now: number
}

/** The plugin on a server of its own; `GET /` answers what it is told about the request's origin. */
async function serverWith(t: Test, allow: string[], clock: Clock) {
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const app = Fastify({ logger: { stream } })
  t.teardown(() => app.close())
  await app.register(admin, { host: '127.0.0.1' })
  await app.register(metrics, { service: 'test', version: '0' })
  await app.register(originCheck, {
    allow,
    insecureAnyOrigin: false,
    publicUrl: 'https://calls.example.com',
    port: 3000,
    now: () => clock.now,
  })
  app.get('/', async (request) => {
    const { refusal, deprecated } = app.originVerdict(request)
    return { refusal: refusal && { code: refusal.code, fix: refusal.fix }, deprecated }
  })
  return { app, lines }
}

const verdictOn = async (app: FastifyInstance, origin: string) =>
  (await app.inject({ url: '/', headers: { origin } })).json()

/** The value of a metric as Prometheus sees it, absent if there is none. */
async function metric(app: FastifyInstance, name: string): Promise<string | undefined> {
  const text = (await app.inject({ url: '/metrics' })).body
  return text
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length + 1)
}

const moving = 'https://old.example;until=2026-12-20;successor=https://new.example'

t.test('an origin works on its last day and not on the day after, without a restart', async (t) => {
  const clock = { now: Date.parse('2026-12-20T23:59:59.999Z') }
  const { app } = await serverWith(t, [moving, 'https://new.example'], clock)
  const successor = 'https://new.example'
  t.strictSame(await verdictOn(app, 'https://old.example'), {
    refusal: null,
    deprecated: { origin: 'https://old.example', until: '2026-12-20', successor },
  })
  t.strictSame(await verdictOn(app, successor), { refusal: null, deprecated: null })
  clock.now += 1
  t.strictSame(await verdictOn(app, 'https://old.example'), {
    refusal: {
      code: 'origin_not_allowed',
      fix: 'To the operator: open https://new.example instead, or give https://old.example a later until than 2026-12-20 in ALLOWED_ORIGINS.',
    },
    deprecated: null,
  })
})

t.test('the entry of an origin is asked before the wildcard that covers it', async (t) => {
  const clock = { now: Date.parse('2027-01-01') }
  const { app } = await serverWith(
    t,
    ['https://*.example.com', 'https://old.example.com;until=2026-12-20'],
    clock,
  )
  t.match(await verdictOn(app, 'https://old.example.com'), { refusal: { code: String } })
  t.match(await verdictOn(app, 'https://a.example.com'), { refusal: null })
})

t.test('the own origin ends with no entry', async (t) => {
  const { app } = await serverWith(t, ['https://calls.example.com;until=2020-01-01'], {
    now: Date.now(),
  })
  t.strictSame(await verdictOn(app, 'https://calls.example.com'), {
    refusal: null,
    deprecated: null,
  })
})

t.test('days left, uses and refusals are metrics without an origin in them', async (t) => {
  const clock = { now: Date.parse('2026-12-18T12:00:00Z') }
  const allow = [moving, 'https://new.example', 'https://older.example;until=2026-12-01']
  const { app } = await serverWith(t, allow, clock)
  t.equal(await metric(app, 'switchhook_origin_days_left'), '2')
  for (const origin of [
    'https://old.example',
    'https://older.example',
    'https://www.new.example',
    'https://who.test',
    'nonsense',
  ]) {
    await verdictOn(app, origin)
  }
  t.equal(await metric(app, 'switchhook_origin_deprecated_uses_total'), '1')
  for (const reason of ['ended', 'similar', 'unknown', 'malformed']) {
    t.equal(await metric(app, `switchhook_origin_refusals_total{reason="${reason}"}`), '1', reason)
  }
  clock.now = Date.parse('2026-12-20T12:00:00Z')
  t.equal(await metric(app, 'switchhook_origin_days_left'), '0', 'its last day')
  clock.now = Date.parse('2026-12-21')
  t.equal(await metric(app, 'switchhook_origin_days_left'), undefined)
  t.notMatch((await app.inject({ url: '/metrics' })).body, /who\.test|old\.example/)
})

t.test('who still uses an origin is known by name, the latest twenty', async (t) => {
  const clock = { now: Date.parse('2026-12-01') }
  const { app } = await serverWith(t, [moving, 'https://new.example'], clock)
  app.get('/used', async (request) => {
    app.originVerdict(request)
    t.equal(app.originRefusal(request), app.originVerdict(request).refusal, 'counted once')
    app.originUsed(request, (request.query as { user: string }).user)
    return null
  })
  for (const origin of ['https://old.example', 'https://new.example', 'https://who.test']) {
    for (let user = 1; user <= 25; user += 1) {
      await app.inject({ url: `/used?user=u${user}`, headers: { origin } })
    }
  }
  await app.inject({ url: '/used?user=nobody' })
  const [used, ...others] = app.origins.deprecated
  t.strictSame(others, [])
  t.match(used, { origin: 'https://old.example', count: 25 })
  t.strictSame([...used!.users].length, 20)
  t.ok(used!.users.has('u25') && used!.users.has('u6') && !used!.users.has('u5'))
})

t.test('of a flood of invented origins a thousand are remembered, cut to a size', async (t) => {
  const clock = { now: Date.now() }
  const { app, lines } = await serverWith(t, [], clock)
  for (let count = 0; count < 1_100; count += 1) {
    clock.now += 1
    await verdictOn(app, `https://${count}.test`)
  }
  await verdictOn(app, `https://${'a'.repeat(10_000)}.test`)
  const { refused } = app.origins
  t.equal(refused.length, 1_000)
  t.equal(refused[0]!.origin.length, 301)
  t.equal(refused[1]!.origin, 'https://1099.test', 'the latest first')
  t.equal(refused.at(-1)!.origin, 'https://101.test')
  const refusals = () => lines.filter(({ msg }) => msg === 'origin refused')
  t.equal(refusals().length, 1_000)
  clock.now += 60_000
  await verdictOn(app, 'https://1099.test')
  t.match(refusals().at(-1), { origin: 'https://1099.test', refused: 1 }, 'room again')
})

t.test('a line a minute counts what came since the last one', async (t) => {
  const clock = { now: Date.now() }
  const { app, lines } = await serverWith(t, [], clock)
  for (let count = 0; count < 5; count += 1) await verdictOn(app, 'https://who.test')
  clock.now += 60_000
  await verdictOn(app, 'https://who.test')
  const refusals = lines.filter(({ msg }) => msg === 'origin refused')
  t.strictSame(
    refusals.map(({ refused }) => refused),
    [1, 5],
  )
})

t.test('the fix says what nearly matched, and in what it differs', async (t) => {
  const clock = { now: Date.parse('2026-12-21') }
  const allow = [
    'https://www.voxanne.ai',
    'https://voxanne.ai:8443',
    'http://plain.example',
    'https://*.agents.example',
    'https://gone.example;until=2026-12-20',
  ]
  const { app } = await serverWith(t, allow, clock)
  const settings = 'to ALLOWED_ORIGINS or ORIGINS_FILE'
  const table: [origin: string, fix: string][] = [
    ['https://who.test', `add https://who.test ${settings}`],
    [
      'https://voxanne.ai',
      `add https://voxanne.ai ${settings}: https://www.voxanne.ai in ALLOWED_ORIGINS differs in www`,
    ],
    [
      'https://voxanne.ai:9000',
      `add https://voxanne.ai:9000 ${settings}: https://voxanne.ai:8443 in ALLOWED_ORIGINS differs in the port`,
    ],
    [
      'https://www.plain.example',
      `add https://www.plain.example ${settings}: http://plain.example in ALLOWED_ORIGINS differs in http/https and www`,
    ],
    [
      'https://www.voxanne.ai.',
      `add https://www.voxanne.ai. ${settings}: https://www.voxanne.ai in ALLOWED_ORIGINS differs in the dot at the end`,
    ],
    [
      'https://a.b.agents.example',
      `add https://a.b.agents.example ${settings}: https://*.agents.example in ALLOWED_ORIGINS stands for exactly one label`,
    ],
    [
      'https://agents.example',
      `add https://agents.example ${settings}: https://*.agents.example in ALLOWED_ORIGINS stands for exactly one label`,
    ],
    [
      'https://gone.example',
      'give https://gone.example a later until than 2026-12-20 in ALLOWED_ORIGINS',
    ],
    ['https://www.gone.example', `add https://www.gone.example ${settings}`],
    ['https://www.voxanne.ai/', 'send the origin as browsers do: https://www.voxanne.ai'],
    ['null', `add null ${settings}, which lets in every sandboxed frame and local page`],
    ['app://other', `add app://other ${settings}`],
    ['', 'send the origin of the page, or no Origin header'],
    ['https://a.test, https://b.test', 'send one origin: scheme, host and port'],
    [`https://${'a'.repeat(300)}.test`, 'no browser sends an origin this long'],
  ]
  for (const [origin, fix] of table)
    t.match(app.origins.judge(origin), { passes: false, fix }, origin)
})

t.test('with mistakes in the list it does not start', async (t) => {
  const entries = ['https://crm.example.com', 'nonsense', 'https://a.example;until=soon']
  const mistakes = [{ reason: /'nonsense'/ }, { reason: /'soon'/ }]
  const failure: unknown = await serverWith(t, entries, { now: 0 }).catch((error) => error)
  t.type(failure, ConfigError)
  t.match(failure, { mistakes })
})
