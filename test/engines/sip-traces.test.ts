import t from 'tap'
import { sipTracesContract } from '../contracts/sip-traces.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'
import { until } from '../kit/until.ts'
import { connectionOf, ladderOf, sip, start, traceApp } from '../services/sip-proxy-trace-app.ts'

sipTracesContract(t, async (t) => {
  const url = await emptyDatabase(t)
  return [await storeAt(t, { url }), await storeAt(t, { url })]
})

t.test('whichever process is asked, each one writes and each one can tell', async (t) => {
  const environment = { DATABASE_URL: await emptyDatabase(t) }
  const one = await traceApp(t, { environment })
  const two = await traceApp(t, { environment })
  const [near, far] = [connectionOf(one), connectionOf(two)]
  await start(one)
  const beginning = Buffer.from('INVITE sip:1002@')
  await until(() => far.wants('browser', beginning))
  near.see('browser', sip('INVITE sip:1002@example.com SIP/2.0'))
  far.see('upstream', sip('INVITE sip:1002@x.invalid SIP/2.0', { cseq: '2 INVITE' }))
  for (const suite of [one, two]) {
    const { messages } = await ladderOf(suite, 'call-1', 2)
    t.equal(messages.length, 2)
  }
  await two.ask('DELETE', '/api/sip-trace?aor=1001@example.com')
  t.notOk(far.wants('browser', beginning))
  await until(() => !near.wants('browser', beginning))
})
