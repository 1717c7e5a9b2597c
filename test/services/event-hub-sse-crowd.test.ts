import t from 'tap'
import { build, type Suite } from '../kit/build.ts'
import { askForStream, EventStreamReader, openStream } from '../kit/event-stream.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { until } from '../kit/until.ts'

/** Commits and announces events with so many characters each. */
async function append({ app }: Suite, count: number, length = 10): Promise<void> {
  const { id } = app.directory.firstApp
  const batch = Array.from({ length: count }, () =>
    sampleDelivery(id, [sampleEvent({ details: { text: 'x'.repeat(length) } })]),
  )
  for (const appended of await app.journal.append(batch)) {
    if (appended.status === 'accepted') app.bus.publish(id, appended.rows)
  }
}

async function openSockets({ url }: Suite): Promise<number> {
  const { websocket } = (await (await fetch(`${url}/health`)).json()) as {
    websocket: { connections: number }
  }
  return websocket.connections
}

t.test('who reads too slowly gets a gap and the live calls, then goes on', async (t) => {
  const suite = await build(t)
  const response = await askForStream(suite.url, { token: suite.token })
  await until(async () => (await openSockets(suite)) === 1)
  // Nothing is read: the kernel's buffers fill, then ours.
  for (let count = 0; count < 10; count += 1) await append(suite, 30, 50_000)
  const stream = new EventStreamReader(response)
  const gap = await stream.nextNamed('gap')
  t.match(JSON.parse(gap.data), { data: { reason: 'slow', to: 300 } })
  t.equal(gap.id, undefined)
  t.match((await stream.nextNamed('snapshot')).id, /:300$/)
  await append(suite, 1)
  t.match((await stream.nextEvents(1))[0]!.id, /:301$/)
  stream.close()
})

t.test('who does not read at all is cut off, and continues from its last id', async (t) => {
  const suite = await build(t, { environment: { WS_STALL_SECONDS: '3' } })
  const first = await openStream(suite.url, { token: suite.token })
  const { id } = await first.nextNamed('head')
  const mute = await askForStream(suite.url, { token: suite.token })
  await until(async () => (await openSockets(suite)) === 2)
  for (let count = 0; count < 10; count += 1) await append(suite, 30, 50_000)
  await until(async () => (await openSockets(suite)) === 1)
  mute.destroy()
  const next = await openStream(suite.url, { token: suite.token, lastId: id })
  const events = await next.nextEvents(300)
  t.match(events[0]!.id, /:1$/)
  t.match(events.at(-1)!.id, /:300$/)
  first.close()
  next.close()
})

t.test('two hundred streams see the same bytes; those that are killed leave nothing', async (t) => {
  const suite = await build(t, { environment: { MAX_SOCKETS_PER_USER: '200' } })
  const streams = await Promise.all(
    Array.from({ length: 200 }, () => openStream(suite.url, { token: suite.token })),
  )
  await Promise.all(streams.map((stream) => stream.nextNamed('head')))
  await append(suite, 50)
  const seen = await Promise.all(streams.map((stream) => stream.nextEvents(50)))
  t.equal(new Set(seen.map((events) => JSON.stringify(events))).size, 1)
  for (const stream of streams.slice(0, 100)) stream.close()
  await until(async () => (await openSockets(suite)) === 100)
  await append(suite, 1)
  const rest = await Promise.all(streams.slice(100).map((stream) => stream.nextEvents(1)))
  t.ok(rest.every(([event]) => event!.id!.endsWith(':51')))
  for (const stream of streams) stream.close()
  await until(async () => (await openSockets(suite)) === 0)
})
