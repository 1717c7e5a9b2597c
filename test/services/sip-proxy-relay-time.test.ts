import t from 'tap'
import { frame, opcodes } from '../kit/raw-websocket.ts'
import { spliced } from '../kit/sip/spliced.ts'
import { until } from '../kit/until.ts'

const plain = { mask: null }

t.test('a side without a sign of life is given up, and the other side is told', async (t) => {
  const terms = { heartbeatMs: 100, idleMs: 3_000, lookMs: 50 }
  for (const silent of ['browser', 'upstream'] as const) {
    const { browser, upstream, endings } = await spliced(t, { terms })
    const lively = silent === 'browser' ? upstream : browser
    const pong = frame(opcodes.pong, '', silent === 'browser' ? plain : {})
    const alive = setInterval(() => lively.socket.write(pong), 50)
    t.teardown(() => clearInterval(alive))
    const { code, reason } = await lively.said()
    clearInterval(alive)
    const expected = silent === 'browser' ? [1001, ''] : [1011, 'upstream_idle']
    t.strictSame([code, reason], expected)
    lively.socket.end()
    await until(() => endings.length === 1)
    t.strictSame(endings, [{ by: silent, code: 1006 }])
  }
})

t.test('a peer that does not finish after a goodbye is cut off', async (t) => {
  const { browser, upstream, relay, endings } = await spliced(t)
  browser.socket.pause()
  upstream.socket.pause()
  await relay.drain(0)
  t.strictSame(endings, [{ by: 'proxy', code: 1012 }])
})

t.test('browsers are told to come back when the process goes', async (t) => {
  const { browser, upstream, relay } = await spliced(t)
  browser.socket.once('end', () => browser.socket.end())
  const drained = relay.drain(1_000)
  const { code, reason } = await browser.said()
  t.equal(code, 1012)
  t.match(reason, /^restart \d{4}$/)
  t.equal((await upstream.said()).code, 1001)
  await drained
  t.equal(relay.size, 0)
})
