import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { until } from '../kit/until.ts'
import { connectionOf, sip, start, traceApp, type TraceApp } from './sip-proxy-trace-app.ts'

const invite = sip('INVITE sip:1002@example.com SIP/2.0')

async function lostOf({ app }: TraceApp): Promise<number> {
  const counter = app.metrics.getSingleMetric('switchhook_sip_trace_messages_total')!
  const { values } = await counter.get()
  return values.find(({ labels }) => labels['outcome'] === 'lost')?.value ?? 0
}

t.test('that the store takes no messages is logged once, until it does again', async (t) => {
  const suite = await traceApp(t)
  await start(suite)
  const connection = connectionOf(suite)
  const warned = t.capture(suite.app.log, 'warn')
  const told = () =>
    warned().filter(({ args }) => args.includes('traced messages not written')).length
  const { traces } = suite.trace
  const { write } = traces
  const lose = async (upTo: number): Promise<void> => {
    connection.see('browser', invite)
    await until(async () => (await lostOf(suite)) >= upTo)
    await turn()
  }
  let seen = 0
  const count = () => (seen += told())
  Object.assign(traces, { write: () => Promise.reject(new Error('away')) })
  for (let lost = 1; lost <= 5; lost += 1) await lose(lost)
  t.equal(count(), 1)
  Object.assign(traces, { write })
  connection.see('browser', invite)
  const { metrics } = suite.app
  await until(async () => (await metrics.metrics()).includes('{outcome="written"} 1'))
  Object.assign(traces, { write: () => Promise.reject(new Error('away')) })
  await lose(6)
  t.equal(count(), 2)
})
