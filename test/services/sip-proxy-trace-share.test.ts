import t from 'tap'
import { Share } from '../../services/sip-proxy/share.ts'
import { connectionOf, ladderOf, path, sip, start, traceApp } from './sip-proxy-trace-app.ts'

/** A share whose clocks go when a test says so. */
function shared() {
  const time = { now: 5_000, used: 0 }
  const share = new Share({ now: () => time.now, used: () => time.used })
  return { time, work: (ms: number) => share.spend(() => void (time.used += ms)) }
}

t.test('usual work is done however much there is of it', (t) => {
  const { work } = shared()
  for (let count = 0; count < 10_000; count += 1) t.equal(work(0.5), true)
  t.end()
})

t.test('slow work is done until its share of the second is used up', (t) => {
  const { time, work } = shared()
  t.equal(work(200), true)
  t.equal(work(60), true)
  t.equal(work(60), false)
  t.equal(work(0.1), false)
  time.now += 999
  t.equal(work(60), false)
  time.now += 1
  t.equal(work(60), true)
  t.end()
})

t.test('work that fails is counted as well', (t) => {
  const time = { used: 0 }
  const share = new Share({ now: () => 0, used: () => time.used })
  const fail = () => {
    time.used += 300
    throw new Error('no')
  }
  t.throws(() => share.spend(fail))
  t.equal(
    share.spend(() => {}),
    false,
  )
  t.end()
})

t.test(
  'a flood of messages that are slow to read is left out, and the trace says so',
  async (t) => {
    const suite = await traceApp(t)
    await start(suite)
    const connection = connectionOf(suite)
    const slow = sip('INVITE sip:1002@example.com SIP/2.0', {
      rows: Array<string>(15_000).fill('a'),
    })
    for (let count = 0; count < 60; count += 1) connection.see('browser', slow)
    await ladderOf(suite)
    const { body } = await suite.ask('GET', path)
    const [traced] = (body as { traced: { dropped: number }[] }).traced
    t.ok(traced!.dropped > 0)
  },
)
