import t, { type Test } from 'tap'
import { openSharedCounts, type SharedCounts } from '@switchhook/shared/limits'
import { parseRedisUrl } from '@switchhook/shared/redis'
import { build, internalSecret } from '../kit/build.ts'
import { freePort } from '../kit/process.ts'
import { rawClient, Reports } from '../kit/redis-bus.ts'
import { startRedis } from '../kit/redis.ts'
import { until } from '../kit/until.ts'

const environment = { RATE_LIMIT_CALLS: '10', RATE_LIMIT_INTERNAL: '10' }

/** A process of its own, as far as counting goes. */
async function processOn(t: Test, redisUrl: string) {
  const messages: string[] = []
  const log = (line: string): void => void messages.push((JSON.parse(line) as { msg: string }).msg)
  const { url } = await build(t, { environment: { ...environment, REDIS_URL: redisUrl }, log })
  const told = (message: string, times = 1) =>
    until(() => messages.filter((one) => one === message).length >= times)
  return { url, together: () => told('requests are counted together'), told, messages }
}

async function ask(url: string, path = '/internal/apps', bearer: string | null = internalSecret) {
  const response = await fetch(new URL(path, url), {
    ...(bearer !== null && { headers: { authorization: `Bearer ${bearer}` } }),
    signal: AbortSignal.timeout(30_000),
  })
  await response.arrayBuffer()
  return { status: response.status, remaining: Number(response.headers.get('ratelimit-remaining')) }
}

const alone = 'requests are counted by each process'

function counted(t: Test, url: string) {
  const parsed = parseRedisUrl(url)
  if (!('target' in parsed)) throw new Error(parsed.reason)
  const reports = new Reports()
  const opened = openSharedCounts(parsed.target, {
    onAway: ({ message }) => reports.add('away', message),
    onBack: () => reports.add('back', true),
    onSkipped: () => {},
  })
  t.teardown(async () => (await opened).close())
  return { reports, opened }
}

/** Resolves with the first count that Redis tells. */
async function firstCount(counts: SharedCounts, key: string): Promise<number> {
  let count: number | undefined
  await until(async () => (count = (await counts.take(key))?.count) !== undefined)
  return count!
}

/**
 * What two processes on one Redis answer; asked anew when it was too slow for a moment, and each of them rightly
 * counted by itself.
 */
async function together<Told>(
  t: Test,
  asks: (one: string, two: string) => Promise<Told>,
): Promise<Told> {
  for (;;) {
    const redis = await startRedis(t)
    const both = [await processOn(t, redis.url), await processOn(t, redis.url)] as const
    await Promise.all(both.map((one) => one.together()))
    const partings = () => both.flatMap(({ messages }) => messages).filter((one) => one === alone)
    const before = partings().length
    const told = await asks(both[0].url, both[1].url)
    if (partings().length === before) return told
  }
}

t.test('processes share the share of one secret, and of one address that guesses', async (t) => {
  const { counted, over, guesses } = await together(t, async (one, two) => {
    const counted = []
    for (let index = 0; index < 5; index += 1) counted.push(await ask(one), await ask(two))
    const over = [await ask(one), await ask(two)]
    const guesses = [
      await ask(one, '/api/presence', 'guess'),
      await ask(two, '/api/presence', 'guess'),
      await ask(one, '/nothing', null),
    ]
    return { counted, over, guesses }
  })
  const shares = Array.from({ length: 10 }, (_, index) => 9 - index)
  t.strictSame(
    counted,
    shares.map((remaining) => ({ status: 200, remaining })),
  )
  t.strictSame(
    over.map(({ status }) => status),
    [429, 429],
  )
  t.strictSame(
    guesses.map(({ remaining }) => remaining),
    [9, 8, 7],
  )
})

t.test('a frozen Redis: each process counts by itself, nobody fails or is unlimited', async (t) => {
  const redis = await startRedis(t)
  const one = await processOn(t, redis.url)
  await one.together()
  t.strictSame(await ask(one.url), { status: 200, remaining: 9 })
  redis.freeze()
  t.teardown(() => redis.thaw())
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(one.url)))
  t.equal(answers.filter(({ status }) => status === 200).length, 9, 'the first one was seen here')
  t.equal(answers.filter(({ status }) => status === 429).length, 21)
  await one.told(alone)
  t.equal((await ask(one.url)).status, 429)
  redis.thaw()
  await one.told('requests are counted together', 2)
  const { status } = await ask(one.url)
  t.ok([200, 429].includes(status), 'what Redis had counted counts again')
})

t.test('a Redis that is killed, comes back empty, or was never there', async (t) => {
  const redis = await startRedis(t)
  const one = await processOn(t, redis.url)
  await one.together()
  for (const remaining of [9, 8]) t.equal((await ask(one.url)).remaining, remaining)
  await redis.kill()
  await one.told(alone)
  for (const remaining of [7, 6]) t.strictSame(await ask(one.url), { status: 200, remaining })
  await redis.restart()
  await one.told('requests are counted together', 2)
  // Redis has forgotten what this process remembers.
  await until(async () => (await ask(one.url)).remaining > 6)

  const never = await processOn(t, `redis://127.0.0.1:${await freePort()}`)
  await never.told(alone)
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(never.url)))
  t.equal(answers.filter(({ status }) => status === 200).length, 10)
})

t.test('a Redis that refuses to count is told, and counted without', async (t) => {
  const redis = await startRedis(t)
  const admin = rawClient(t, redis)
  const { reports, opened } = counted(t, redis.url)
  const counts = await opened
  t.equal(await firstCount(counts, 'k'), 1)
  await admin.config('SET', 'maxmemory', '1')
  t.equal(await counts.take('k'), null)
  await reports.have('away', 1)
  t.match(reports.away[0], /OOM/)
  t.equal(await counts.take('k'), null, 'not asked again until it works')
  await admin.config('SET', 'maxmemory', '0')
  t.equal(await firstCount(counts, 'k'), 2, 'and then it is')
})

t.test(
  'keys end with their window, also one that lost its end, and tell nobody’s name',
  async (t) => {
    const redis = await startRedis(t)
    const admin = rawClient(t, redis)
    const { opened } = counted(t, redis.url)
    const counts = await opened
    await firstCount(counts, 'calls key app u1@example.com')
    const keys = (await admin.keys('*')).filter((key) => !key.endsWith('probe'))
    t.match(keys, [/^switchhook:\{limits\}:[\w-]{22}$/])
    t.equal(keys.length, 1)
    const left = await admin.pttl(keys[0]!)
    t.ok(left > 0 && left <= 60_000)
    await until(async () => {
      await admin.persist(keys[0]!)
      return (await counts.take('calls key app u1@example.com'))?.resetMs === 60_000
    })
    t.ok((await admin.pttl(keys[0]!)) > 0)
    await admin.set(keys[0]!, 'nonsense')
    t.equal(await counts.take('calls key app u1@example.com'), null, 'it is no number')
  },
)

t.test(
  'many who ask at the moment it freezes wait for one answer, not one after the other',
  async (t) => {
    const redis = await startRedis(t)
    const { opened, reports } = counted(t, redis.url)
    const counts = await opened
    await firstCount(counts, 'k')
    redis.freeze()
    t.teardown(() => redis.thaw())
    const takes = await Promise.all(Array.from({ length: 1_000 }, (_, n) => counts.take(`k${n}`)))
    t.ok(takes.every((tally) => tally === null))
    await reports.have('away', 1)
    t.match(reports.away[0], /no answer within 50 ms/)
  },
)
