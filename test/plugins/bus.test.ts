import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import bus, { busMistakes, type Options } from '@switchhook/plugins/bus'
import health from '@switchhook/plugins/health'
import { Inbox, row } from '../kit/inbox.ts'
import { freePort } from '../kit/process.ts'
import { startRedis } from '../kit/redis.ts'

/** An app with the bus alone, and the lines that it logs. */
async function withBus(t: Test, options: Options) {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  const app = Fastify({ logger: { level: 'info', stream: { write } } })
  t.teardown(() => app.close())
  await app.register(health, { version: '0', environment: 'test' })
  await app.register(bus, options)
  await app.ready()
  const checks = async () => {
    const { checks } = (await app.inject('/health')).json<{ checks: Record<string, object> }>()
    return checks['bus']
  }
  return { app, lines, checks }
}

t.test('stays in the process without REDIS_URL', async (t) => {
  const { app, lines, checks } = await withBus(t, {})
  t.strictSame(await checks(), { status: 'ok' })
  const inbox = new Inbox(app.bus)
  app.bus.publish(inbox.app, [row(1)])
  await inbox.has(1)
  app.bus.subscribe(inbox.app, () => {
    throw new Error('a listener failed')
  })
  app.bus.publish(inbox.app, [row(2)])
  t.match(lines.at(-1), {
    level: 50,
    msg: 'bus listener failed',
    err: { message: 'a listener failed' },
  })
})

t.test('tells why Redis is away, stays ready, and uses it once it is there', async (t) => {
  const port = await freePort()
  const secret = randomUUID()
  const { app, lines, checks } = await withBus(t, {
    redisUrl: `redis://:${secret}@127.0.0.1:${port}`,
  })
  const inbox = new Inbox(app.bus)
  t.match(await checks(), { status: 'failed', reason: /connect|ECONNREFUSED/ })
  t.equal((await app.inject('/readyz')).statusCode, 200)
  await startRedis(t, { port, args: ['--requirepass', secret] })
  await inbox.flows(app.bus)
  t.strictSame(await checks(), { status: 'ok' })
  await app.close()
  const told = lines.filter(({ msg }) => String(msg).startsWith('bus '))
  t.match(told, [
    { level: 40, msg: 'bus away', reason: /ECONNREFUSED/ },
    { level: 30, msg: 'bus connected' },
  ])
  t.equal(told.length, 2)
  t.notMatch(JSON.stringify(lines), secret)
})

t.test('an address that cannot be used is a mistake in the configuration', async (t) => {
  t.strictSame(busMistakes({}), [])
  t.strictSame(busMistakes({ redisUrl: 'redis://localhost' }), [])
  const [mistake, ...more] = busMistakes({ redisUrl: 'http://:hunter2@localhost' })
  t.strictSame(more, [])
  t.match(mistake, { name: 'REDIS_URL', reason: /must begin with redis/ })
  t.notMatch(mistake?.reason, 'hunter2')
  const app = Fastify()
  await app.register(health, { version: '0', environment: 'test' })
  app.register(bus, { redisUrl: 'redis://' })
  await t.rejects(async () => app.ready(), { message: /^REDIS_URL needs/ })
})
