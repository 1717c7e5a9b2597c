import t from 'tap'
import { fakeUpstream, scripts } from '../kit/sip/fake-upstream.ts'
import { freePort } from '../kit/process.ts'
import { entryOf, knock, sipSuite, visit } from '../kit/sip/sip-suite.ts'

/** What a PBX does, what it is called, and the status for programs. */
const failures: readonly (readonly [keyof typeof scripts, string, number])[] = [
  ['badRequest', 'upstream_bad_request', 502],
  ['forbidden', 'upstream_forbidden', 502],
  ['notFound', 'upstream_path_not_found', 502],
  ['redirect', 'upstream_redirected', 502],
  ['failed', 'upstream_failed', 502],
  ['noProtocol', 'upstream_not_websocket', 502],
  ['reset', 'upstream_unreachable', 502],
  ['slow', 'upstream_timeout', 504],
]

t.test(
  'each failure of a PBX has a name: in the status, in the close frame, in log and metric',
  async (t) => {
    const pbxs = await Promise.all(failures.map(([script]) => fakeUpstream(t, scripts[script])))
    const entries = failures.map(([script], index) => entryOf(pbxs[index]!, { name: script }))
    const suite = await sipSuite(t, entries, { SIP_DIAL_SECONDS: '3' })
    const told = new Set<string>()
    for (const [index, [script, code, status]] of failures.entries()) {
      const { port, connections } = pbxs[index]!
      t.equal(connections, 0)
      const path = `/api/sip-ws/${script}`
      const program = await knock(suite, {}, path)
      t.equal(program.status, status, code)
      t.match(program.headers.get('content-type'), 'application/problem+json', code)
      const problem = JSON.parse(program.body.toString()) as { detail: string; fix: string }
      t.match(problem, { type: `urn:switchhook:error:${code}`, code, status, fix: String }, code)
      t.match(problem.detail, `127.0.0.1:${port}`)
      const page = await visit(suite, {}, path)
      t.equal(page.code, 1011, code)
      t.ok(page.reason.startsWith(`${code} 127.0.0.1:${port} `), page.reason)
      t.ok(Buffer.byteLength(page.reason) <= 123)
      told.add(page.reason.split(' ')[0]!)
      const [line, ...more] = suite.logged('handshake refused').slice(2 * index)
      t.match(line, { level: 'info', code, upstream: script, target: '127.0.0.1', origin: null })
      t.equal(more.length, 1)
      t.equal(await suite.metric(`switchhook_sip_handshakes_total{outcome="${code}"}`), 2)
      await pbxs[index]!.deserted()
    }
    t.equal(told.size, failures.length, 'no two are called the same')
    t.equal(await suite.metric('switchhook_sip_dial_seconds_count{upstream="badRequest"}'), 2)
  },
)

t.test('a name without an address, and one that is not public', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [
    { name: 'nowhere', targets: ['ws://pbx.invalid/ws'], missingOrigin: 'allow' },
    entryOf(fake, { name: 'inside', allowPrivate: false }),
  ])
  for (const [name, code] of [
    ['nowhere', 'upstream_unresolved'],
    ['inside', 'upstream_private'],
  ]) {
    const { status, body } = await knock(suite, {}, `/api/sip-ws/${name}`)
    t.equal(status, 502)
    t.match(JSON.parse(body.toString()), { code })
    t.match(await visit(suite, {}, `/api/sip-ws/${name}`), { code: 1011, reason: code })
  }
  t.equal(fake.connections, 0)
})

t.test(
  'when the first target is dead the next one answers, and the page does not notice',
  async (t) => {
    const fake = await fakeUpstream(t)
    const dead = `ws://127.0.0.1:${await freePort()}/ws`
    const suite = await sipSuite(t, [
      entryOf(fake, { targets: [dead, `ws://127.0.0.1:${fake.port}/ws`] }),
    ])
    t.equal((await knock(suite)).status, 101)
    t.equal(suite.logged('handshake refused').length, 0)
  },
)

t.test('when all targets fail, the first one that is written is the one to mend', async (t) => {
  const first = await fakeUpstream(t, scripts.badRequest)
  const second = await fakeUpstream(t, scripts.notFound)
  const targets = [first, second].map(({ port }) => `ws://127.0.0.1:${port}/ws`)
  const suite = await sipSuite(t, [entryOf(first, { targets })])
  const { body } = await knock(suite)
  t.match(JSON.parse(body.toString()), {
    code: 'upstream_bad_request',
    detail: targets[0]!.slice(5, -3),
  })
  t.match(suite.logged('handshake refused'), [
    { code: 'upstream_bad_request', target: '127.0.0.1' },
  ])
  t.equal(second.connections, 1)
})
