import t from 'tap'
import { build } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { supervisor } from '../contracts/hub-events.ts'

t.test('where there is no other process everybody is told at once when to come back', async (t) => {
  const suite = await build(t, { environment: { WS_DRAIN_SLOT_SECONDS: '2' } })
  const { app, url, token } = suite
  const clients = [
    await supervisor(suite),
    await supervisor(suite),
    await connect(url, { token }),
    await connect(url, { token, path: '/ws/call' }),
  ]
  await clients[3]!.nextNamed('snapshot')
  const closing = app.close()
  for (const client of clients) {
    const { code, reason } = await client.closed
    t.equal(code, 1012)
    const retryMs = Number(/^restart (\d+)$/.exec(reason)?.[1])
    t.ok(retryMs >= 1_000 && retryMs <= 3_000, reason)
    t.notOk(client.frames.some(({ event }) => event === 'drain'))
  }
  await closing
})

t.test('who has not said yet who it is does not keep the process from ending', async (t) => {
  const { app, url } = await build(t, { environment: { WS_AUTH_SECONDS: '8' } })
  const stranger = await connect(url, { modern: true })
  await app.close()
  t.equal((await stranger.closed).code, 1012)
})
