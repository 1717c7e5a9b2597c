import t from 'tap'
import { webhookToBrowser } from '../contracts/webhook-to-browser.ts'
import { build } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { sharedTopology } from '../kit/topology.ts'

t.test('one process, embedded store', async (t) => {
  webhookToBrowser(t, async (t, environment = {}) => {
    const { url, token } = await build(t, { environment })
    return { url, webhooks: url, hubs: [url, url], token }
  })
})

t.test('two ingests and two hubs on PostgreSQL and Redis', async (t) => {
  webhookToBrowser(t, (t, environment) => sharedTopology(t, environment))
})

t.test('a hub backfills what the bus lost, also the last message', async (t) => {
  const { app, url, token } = await build(t)
  const { publish } = app.bus
  let count = 0
  // Every second message is lost; the eighth, the last one, too.
  app.bus.publish = (...args) => void (++count % 2 === 1 && publish(...args))
  const client = await connect(url, { token })
  await client.nextNamed('connected')
  for (let sent = 0; sent < 8; sent += 1) await post(url, telnyxEvent({ call: `c${sent}` }))
  const frames = await client.nextEvents(8)
  t.equal(count, 8)
  t.strictSame(
    frames.map(({ seq, prev }) => [seq, prev]),
    [1, 2, 3, 4, 5, 6, 7, 8].map((seq) => [seq, seq - 1]),
  )
  await client.close()
})

t.test('a hub that sees an event twice shows it once', async (t) => {
  const { app, url, token } = await build(t)
  const { publish } = app.bus
  app.bus.publish = (id, rows) => {
    publish(id, rows)
    publish(id, rows)
  }
  const client = await connect(url, { token })
  await client.nextNamed('connected')
  for (let sent = 0; sent < 3; sent += 1) await post(url, telnyxEvent({ call: `c${sent}` }))
  t.strictSame(
    (await client.nextEvents(3)).map(({ seq }) => seq),
    [1, 2, 3],
  )
  client.say({ type: 'ping' })
  t.equal((await client.next()).event, 'pong', 'nothing follows')
  await client.close()
})

t.test('a number on the bus that does not exist leads no hub astray', async (t) => {
  const { app, url, token } = await build(t)
  const client = await connect(url, { token })
  await client.nextNamed('connected')
  await post(url, telnyxEvent({ call: 'c0' }))
  const [first] = await client.nextEvents(1)
  t.equal(first?.seq, 1)
  const { publish } = app.bus
  const [row] = await app.journal.read(app.directory.firstApp.id, 0, 1)
  publish(app.directory.firstApp.id, [{ ...row!, seq: 1_000_000 }])
  // What follows is lost on the bus and must be found in the journal.
  app.bus.publish = () => {}
  await post(url, telnyxEvent({ call: 'c1' }))
  t.match((await client.nextEvents(1))[0], { seq: 2, call: 'c1' })
  await client.close()
})
