import t, { type Test } from 'tap'
import { startCrowd, type Crowd } from '../kit/phones/crowd.ts'
import { relayed, type Way } from '../kit/phones/ways.ts'
import { withoutKamailio } from '../kit/sip/kamailio.ts'
import { until } from '../kit/until.ts'

const count = 10
const environment = { SIP_HEARTBEAT_SECONDS: '1', SIP_IDLE_SECONDS: '3' }

/** Ten phones that are registered through the relay, which soon misses whoever is silent. */
async function connected(t: Test): Promise<{ way: Way; crowd: Crowd }> {
  const way = await relayed(t, 'ws', { environment })
  const crowd = startCrowd(t, { url: way.url, count })
  crowd.come()
  await crowd.registered(count)
  t.equal(way.back.count(), count)
  return { way, crowd }
}

const skip = withoutKamailio

t.test('who answers stays, however long nothing is said', { skip }, async (t) => {
  const { way, crowd } = await connected(t)
  // As long as it takes until others, who do not answer, are missed.
  const other = await connected(t)
  other.crowd.signal('SIGSTOP')
  await until(() => other.way.back.count() === 0)
  t.equal(way.back.count(), count)
  await crowd.registered(count)
})

t.test('a browser that hangs loses its connection to the registrar', { skip }, async (t) => {
  const { way, crowd } = await connected(t)
  crowd.signal('SIGSTOP')
  await until(() => way.back.count() === 0)
  await until(() => way.front.count() === 0)
  crowd.signal('SIGCONT')
  await crowd.registered(0)
  await crowd.registered(count)
  t.pass('and is back when it goes on')
})

t.test('a browser that vanished without a word is found', { skip }, async (t) => {
  const { way } = await connected(t)
  way.front.hush()
  await until(() => way.back.count() === 0)
  await until(async () => (await way.kamailio.connections()) <= 1)
  t.pass('the registrar has no connection left')
})

t.test('the phones of a registrar that hangs are told, and come back', { skip }, async (t) => {
  const { way, crowd } = await connected(t)
  way.kamailio.freeze()
  await crowd.registered(0)
  way.kamailio.thaw()
  await crowd.registered(count)
  t.equal((await way.kamailio.contacts()).size, count)
})
