import { on, once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import { providers } from '@switchhook/shared/providers'
import { objections } from '../../clients/cli/demo/proof.ts'
import { ready } from '../../clients/cli/demo/readiness.ts'
import { freePort } from '../kit/process.ts'
import { runCli, startCli } from './run-cli.ts'

for (const { name } of providers) {
  test(`demo --once plays a call of ${name} and proves that every event arrived`, async (t) => {
    const TMPDIR = t.testdir({})
    const PORT = String(await freePort())
    const args = ['demo', '--once', '--provider', name]
    const { code, stdout, stderr } = await runCli(t, args, { TMPDIR, PORT })
    t.equal(code, 0, stderr)
    const lines = stdout.split('\n')
    const events = lines.filter((line) => /^[a-z]+(-[a-z]+)+ {2}seq \d+/.test(line))
    t.match(events[0], /^[a-z-]+ {2}seq 1 /)
    t.ok(events.some((line) => line.startsWith('call-hangup')))
    t.match(stdout, `ok  ${events.length} events accepted, ${events.length} received`)
    t.strictSame(readdirSync(TMPDIR), [], 'its data is gone')
  })
}

test('demo plays until Ctrl-C, then nothing is left of it', async (t) => {
  const TMPDIR = t.testdir({})
  const PORT = String(await freePort())
  // A configuration of one's own must neither be used nor get in the way.
  const own = {
    JWT_SECRET: 'x'.repeat(32),
    JWT_ISSUER: 'me',
    STANDARD_WEBHOOKS_SECRET: 'none',
    DATABASE_URL: 'postgres://db.example/x',
  }
  const demo = startCli(t, ['demo'], { TMPDIR, PORT, ...own })
  await demo.printed(/http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+\.[\w-]+\.[\w-]+/)
  await demo.printed(/call 1 +call-initiated/)
  const [, token = ''] = await demo.printed(/#token=(\S+)/)
  const socket = new WebSocket(`ws://127.0.0.1:${PORT}/ws?token=${token}`)
  const [message] = (await once(socket, 'message')) as [MessageEvent]
  t.match(JSON.parse(String(message.data)), {
    event: 'connected',
    data: { user: 'demo@example.com' },
  })
  t.equal(await demo.stop('SIGINT'), 0)
  await t.rejects(fetch(`http://127.0.0.1:${PORT}/livez`))
  t.strictSame(readdirSync(TMPDIR), [])
  t.equal(demo.stderr, '')
})

test('demo names PORT when it is taken', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const { code, stderr } = await runCli(t, ['demo'], { PORT: String(port) })
  t.equal(code, 1)
  t.match(stderr, `PORT ${port} is taken`)
  t.match(stderr, /PORT=\d+ npx -y pnpm@12 demo/)
})

test('demo ends with a reason when the suite ends under it', async (t) => {
  const PORT = String(await freePort())
  const demo = startCli(t, ['demo'], { PORT })
  await demo.printed(/call 1 +call-initiated/)
  process.kill(childOf(demo.pid), 'SIGKILL')
  t.equal(await demo.exited, 1)
  t.match(demo.stderr, 'The suite ended with exit code 137.')
})

test('demo takes no other server on its port for the suite', async (t) => {
  const impostor = createHttpServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? 200 : 401).end()
  }).listen(0, '127.0.0.1')
  t.teardown(() => impostor.close())
  await once(impostor, 'listening')
  const url = new URL(`http://127.0.0.1:${(impostor.address() as AddressInfo).port}`)
  const given = new AbortController()
  const waiting = ready({ url, token: 'of another' }, given.signal)
  const asked: (string | undefined)[] = []
  for await (const [request] of on(impostor, 'request')) {
    asked.push((request as IncomingMessage).url)
    if (asked.length === 3) break
  }
  given.abort()
  t.strictSame(asked, ['/readyz', '/api/calls?limit=1', '/readyz'])
  await t.rejects(waiting, { name: 'AbortError' })
})

test('demo shows what the suite said when it does not start', async (t) => {
  const TMPDIR = t.testdir({})
  const settings = { TMPDIR, PORT: '0', LOG_LEVLE: 'x' }
  const { code, stderr } = await runCli(t, ['demo', '--once'], settings)
  t.equal(code, 1)
  t.match(stderr, /ended with exit code 78.*LOG_LEVLE: is not known; did you mean LOG_LEVEL\?/s)
  t.strictSame(readdirSync(TMPDIR), [])
})

test('the proof names everything that breaks the promise', async (t) => {
  const frame = (id: string, seq: number, prev = seq - 1) => ({ id, seq, prev })
  t.strictSame(objections(['a', 'b'], [frame('a', 1), frame('b', 2)]), [])
  t.match(objections(['a', 'b'], [frame('a', 1)]), ['b was accepted and never arrived'])
  t.match(objections(['a'], [frame('a', 1), frame('a', 2)]), ['a arrived more than once'])
  t.match(objections([], [frame('x', 1)]), ['x arrived and was never accepted'])
  t.match(objections(['a', 'b'], [frame('b', 1), frame('a', 2)]), [/another order/])
  t.match(objections(['a'], [frame('a', 2, 0)]), ['a has seq 2 after 0, not 1 after 0'])
})

/** The suite is the demo's only child. */
function childOf(parent: number): number {
  const list = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8')
  return Number(list.trim().split(' ')[0])
}
