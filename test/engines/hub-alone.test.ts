import t from 'tap'
import { connect } from '../kit/client.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { sharedTopology } from '../kit/topology.ts'

t.test('without Redis two hubs agree all the same: the journal tells them', async (t) => {
  const { hubs, webhooks, token } = await sharedTopology(t, { REDIS_URL: '' })
  const clients = await Promise.all(hubs.map((url) => connect(url, { token, modern: true })))
  for (const client of clients) await client.nextNamed('head')
  for (let count = 0; count < 20; count += 1) await post(webhooks, telnyxEvent())
  const [one, two] = await Promise.all(clients.map((client) => client.nextEvents(20)))
  t.strictSame(one, two)
  t.strictSame(
    one!.map(({ seq, prev }) => [prev, seq]),
    Array.from({ length: 20 }, (_, index) => [index, index + 1]),
  )
  await Promise.all(clients.map((client) => client.close()))
})
