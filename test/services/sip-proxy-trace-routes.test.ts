import t from 'tap'
import { jwtSecret } from '../kit/build.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import { connectionOf, ladderOf, path, sip, start, traceApp } from './sip-proxy-trace-app.ts'

const invite = sip('INVITE sip:1002@example.com SIP/2.0')
const beginning = Buffer.from('INVITE sip:1002@')

t.test('it is for supervisors, and each app has its own', async (t) => {
  const suite = await traceApp(t)
  const agent = await signToken(jwtSecret, { role: 'agent' })
  const other = (await suite.app.directory.create('other', { actor: 'test', ip: null }))!.id
  const strange = await signToken(jwtSecret, { role: 'supervisor', app: other })
  const body = { aor: '1001' }
  const refused = { status: 403, body: { code: 'supervisors_only' } }
  const token = await signToken(jwtSecret, { role: 'supervisor', app: suite.appId })
  t.match(await suite.ask('POST', path, { body, token: agent }), { status: 401 }, 'names no app')
  const named = await signToken(jwtSecret, { role: 'agent', app: suite.appId })
  t.match(await suite.ask('POST', path, { body, token: named }), refused)
  t.match(await suite.ask('GET', path, { token: named }), refused)
  t.match(await suite.ask('DELETE', `${path}?aor=1001`, { token: named }), refused)
  t.equal((await suite.ask('POST', path, { body, token })).status, 201)
  connectionOf(suite).see('browser', invite)
  const mine = async () => (await suite.ask('GET', `${path}?call=call-1`, { token })).status
  await until(async () => (await mine()) === 200)
  t.match(await suite.ask('GET', `${path}?call=call-1`, { token: strange }), {
    status: 404,
    body: { code: 'call_not_found', parameter: 'call' },
  })
  t.match(await suite.ask('GET', path, { token: strange }), { body: { traced: [], items: [] } })
  const { body: own } = await suite.ask('GET', path, { token })
  const [traced] = (own as { traced: object[] }).traced
  const names = ['aor', 'by', 'dropped', 'messages', 'startedAt', 'state', 'until']
  t.strictSame(Object.keys(traced!).toSorted(), names)
  t.match(await suite.ask('DELETE', `${path}?aor=1001`, { token: strange }), {
    status: 404,
    body: { code: 'sip_trace_not_found', parameter: 'aor' },
  })
  const watch = suite.trace.watch({
    upstream: 'phantom',
    app: other,
    address: '192.0.2.8',
    userAgent: '',
  })
  t.equal(watch.wants('browser', beginning), false, 'connections of another app are not looked at')
})

t.test('mistakes are named', async (t) => {
  const suite = await traceApp(t)
  const wrong = async (body: object, parameter: string) =>
    t.match(await suite.ask('POST', path, { body }), { status: 400, body: { parameter } })
  await wrong({}, 'aor')
  await wrong({ aor: '' }, 'aor')
  await wrong({ aor: 'sip:a b@c' }, 'aor')
  await wrong({ aor: '<sip:1001@b>' }, 'aor')
  await wrong({ aor: '1001', minutes: 0 }, 'minutes')
  await wrong({ aor: '1001', minutes: 61 }, 'minutes')
  await wrong({ aor: '1001', hours: 1 }, 'hours')
  const cursor = await suite.ask('GET', `${path}?cursor=nonsense`)
  t.match(cursor, { status: 400, body: { parameter: 'cursor' } })
  t.match(await suite.ask('DELETE', path), { status: 400, body: { parameter: 'aor' } })
  for (let user = 0; user < 20; user += 1) await start(suite, String(user))
  t.match(await start(suite), { status: 409, body: { code: 'too_many_sip_traces' } })
})

t.test('calls are listed page by page', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  const connection = connectionOf(suite)
  for (const call of ['a', 'b', 'c']) {
    connection.see('browser', sip('INVITE sip:1002@example.com SIP/2.0', { call }))
    await ladderOf(suite, call)
  }
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const query: string = next === '' ? '' : `&cursor=${next}`
    const { body } = await suite.ask('GET', `${path}?limit=2${query}`)
    const answer = body as { items: { call: string }[]; next: string | null }
    seen.push(...answer.items.map(({ call }) => call))
    next = answer.next
  }
  t.strictSame(seen.toSorted(), ['a', 'b', 'c'])
})

t.test('who began and ended a trace is kept in the audit', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  await suite.ask('DELETE', `${path}?aor=1001@example.com`)
  const { app, appId } = suite
  const [ended, started] = await app.audit.list(appId, 2)
  const target = 'sip:1001@example.com'
  t.match(ended, { action: 'sip-trace.ended', actor: 'u1', target })
  t.match(started, { action: 'sip-trace.started', actor: 'u1', target, ip: '127.0.0.1' })
  t.ok(started!.detail?.['until'])
})
