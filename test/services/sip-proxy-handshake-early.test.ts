import { once } from 'node:events'
import { connect as connectTo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { frame, opcodes } from '../kit/raw-websocket.ts'
import { fakeUpstream, scripts, switching, type Asked } from '../kit/sip/fake-upstream.ts'
import { entryOf, sipHandshake, sipSuite } from '../kit/sip/sip-suite.ts'
import { until } from '../kit/until.ts'

/** A suite whose PBX answers when it is told to, and a client that waits for it. */
async function waiting(t: Test, fields?: Record<string, string>) {
  const fake = await fakeUpstream(t, scripts.slow)
  const suite = await sipSuite(t, [entryOf(fake)])
  const client = connectTo({ port: Number(new URL(suite.url).port), host: '127.0.0.1' })
  t.teardown(() => client.destroy())
  client.on('error', () => {})
  client.write(sipHandshake(fields))
  const asked = await fake.handshake()
  return { fake, suite, client, asked }
}

/** All that a socket says. */
function heardFrom(socket: Socket): () => Buffer {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks)
}

const answer = (asked: Asked): boolean => asked.socket.write(switching(asked))

t.test('the client hears nothing before the PBX has answered', async (t) => {
  const { suite, client, asked } = await waiting(t)
  const heard = heardFrom(client)
  await suite.metric('switchhook_sip_sockets{upstream="pbx"}')
  t.equal(heard().length, 0)
  answer(asked)
  await until(() => heard().includes('\r\n\r\n'))
  t.match(heard().toString(), /^HTTP\/1\.1 101 /)
})

t.test('what a client says too early comes to the PBX, whole and in order', async (t) => {
  const { client, asked } = await waiting(t)
  const messages = Array.from({ length: 60 }, (_, index) =>
    frame(opcodes.text, `${index} `.repeat(300)),
  )
  for (const message of messages) client.write(message)
  const octets = Buffer.concat(messages)
  t.ok(octets.length < 65_536)
  await until(() => client.writableLength === 0)
  answer(asked)
  const later = frame(opcodes.text, 'after the answer')
  await once(client, 'data')
  client.write(later)
  const all = Buffer.concat([octets, later])
  await until(() => asked.heard().length >= all.length)
  t.ok(asked.heard().equals(all))
})

t.test('what comes in one segment with the handshake counts as well', async (t) => {
  const fake = await fakeUpstream(t)
  const suite = await sipSuite(t, [entryOf(fake)])
  const client = connectTo({ port: Number(new URL(suite.url).port), host: '127.0.0.1' })
  t.teardown(() => client.destroy())
  const early = frame(opcodes.text, 'REGISTER at once')
  client.write(Buffer.concat([sipHandshake(), early]))
  const { heard } = await fake.handshake()
  await until(() => heard().length >= early.length)
  t.ok(heard().equals(early))
})

t.test(
  'a client that says more than 64 KiB too early is sent away, and the dial given up',
  async (t) => {
    const { fake, suite, client } = await waiting(t)
    client.resume()
    client.write(Buffer.alloc(200_000))
    await until(() => client.destroyed)
    await fake.deserted()
    await suite.metricIs('switchhook_sip_handshakes_total{outcome="bad_request"}', 1)
    t.match(suite.logged('handshake refused'), [{ code: 'bad_request', upstream: 'pbx' }])
  },
)

const departures: readonly (readonly [string, (client: Socket) => unknown])[] = [
  ['closes its side', (client) => client.end()],
  ['is cut off', (client) => client.resetAndDestroy()],
  ['says something and closes', (client) => client.end(frame(opcodes.text, 'bye'))],
]

for (const [how, leave] of departures) {
  t.test(`a client that ${how} while it waits is not dialled for any more`, async (t) => {
    const { fake, suite, client } = await waiting(t)
    leave(client)
    await fake.deserted()
    await suite.metricIs('switchhook_sip_handshakes_total{outcome="gone"}', 1)
    t.match(suite.logged('handshake refused'), [{ code: 'gone', upstream: 'pbx' }])
    t.equal(fake.connections, 1)
    t.equal(await suite.metric('switchhook_sip_sockets{upstream="pbx"}'), 0)
    t.equal(await suite.metric('switchhook_sip_upstream_connections{upstream="pbx"}'), 0)
  })
}

t.test('a client that goes in the moment of the answer leaves nothing behind', async (t) => {
  const { fake, suite, client, asked } = await waiting(t)
  answer(asked)
  client.resetAndDestroy()
  await fake.deserted()
  await suite.metricIs('switchhook_sip_upstream_connections{upstream="pbx"}', 0)
  await suite.metricIs('switchhook_sip_sockets{upstream="pbx"}', 0)
})

t.test('a page that leaves counts as gone, and nothing is said to it', async (t) => {
  const { fake, suite, client } = await waiting(t, { 'User-Agent': 'Mozilla/5.0' })
  const heard = heardFrom(client)
  client.end()
  await once(client, 'close')
  await fake.deserted()
  await suite.metricIs('switchhook_sip_handshakes_total{outcome="gone"}', 1)
  t.equal(heard().length, 0)
  t.match(suite.logged('handshake refused'), [{ code: 'gone' }])
})
