import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import t, { type Test } from 'tap'
import {
  Collector,
  collectorPattern,
  type Outcome,
} from '../../services/sip-proxy/trace/collector.ts'
import { packetOf, type Captured } from '../../services/sip-proxy/trace/hep.ts'
import { until } from '../kit/until.ts'

const captured: Captured = {
  from: { address: '192.0.2.7', port: 51_000 },
  to: { address: '198.51.100.9', port: 8089 },
  at: 1_763_726_400_123_456,
  call: 'a84b4c76e66710@pc33',
  message: 'OPTIONS sip:example.com SIP/2.0\r\nCall-ID: a84b4c76e66710@pc33\r\n\r\n',
}

/** The table of generic chunk types of HEP/EEP revision 3: what each holds. */
const table: Readonly<Record<number, readonly [name: string, form: 'number' | 'ip' | 'text']>> = {
  1: ['ip protocol family', 'number'],
  2: ['ip protocol id', 'number'],
  3: ['ipv4 source', 'ip'],
  4: ['ipv4 destination', 'ip'],
  5: ['ipv6 source', 'ip'],
  6: ['ipv6 destination', 'ip'],
  7: ['source port', 'number'],
  8: ['destination port', 'number'],
  9: ['seconds', 'number'],
  10: ['microseconds', 'number'],
  11: ['protocol type', 'number'],
  12: ['capture agent', 'number'],
  15: ['payload', 'text'],
  17: ['correlation id', 'text'],
}
/** Octets of those that have so many and no others. */
const sizes: Readonly<Record<number, number>> = Object.fromEntries(
  ['1 1', '2 1', '3 4', '4 4', '5 16', '6 16', '7 2', '8 2', '9 4', '10 4', '11 1', '12 4'].map(
    (line) => line.split(' ').map(Number),
  ),
)

/** Reads a packet as a collector does, by the specification alone. */
function decode(packet: Buffer): Record<string, string | number> {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  if (packet.toString('latin1', 0, 4) !== 'HEP3') throw new Error('this is no HEP3')
  if (view.getUint16(4) !== packet.length) throw new Error('the length is another one')
  const found: Record<string, string | number> = {}
  let place = 6
  while (place < packet.length) {
    const [vendor, type, length] = [0, 2, 4].map((offset) => view.getUint16(place + offset))
    const [name, value] = chunkIn(vendor!, type!, packet.subarray(place + 6, place + length!))
    if (name in found) throw new Error(`${name} twice`)
    found[name] = value
    place += length!
  }
  if (place !== packet.length) throw new Error('a chunk goes beyond the end')
  return found
}

function chunkIn(...[vendor, type, content]: [number, number, Buffer]): [string, string | number] {
  const [name, form] = table[type] ?? []
  if (vendor !== 0 || name === undefined) throw new Error(`a chunk ${vendor}/${type}`)
  if (sizes[type] !== undefined && content.length !== sizes[type]) throw new Error(name)
  if (form === 'text') return [name, content.toString()]
  return [name, form === 'number' ? numberIn(content) : ipIn(content)]
}

const numberIn = (content: Buffer): number => Number(`0x${content.toString('hex')}`)

function ipIn(content: Buffer): string {
  if (content.length === 4) return [...content].join('.')
  return [...content.toString('hex').matchAll(/.{4}/g)].join(':')
}

t.test('a packet says what the specification has a place for', (t) => {
  t.strictSame(decode(packetOf(captured)!), {
    'ip protocol family': 2,
    'ip protocol id': 6,
    'ipv4 source': '192.0.2.7',
    'ipv4 destination': '198.51.100.9',
    'source port': 51_000,
    'destination port': 8089,
    seconds: 1_763_726_400,
    microseconds: 123_456,
    'protocol type': 1,
    'capture agent': 2001,
    'correlation id': captured.call,
    payload: captured.message,
  })
  t.end()
})

t.test('IPv6 has chunks of its own, and takes IPv4 in where the two ends differ', (t) => {
  const packet = (address: string, other: string) =>
    decode(packetOf({ ...captured, from: { address, port: 1 }, to: { address: other, port: 2 } })!)
  t.match(packet('2001:db8::7', '::1'), {
    'ip protocol family': 10,
    'ipv6 source': '2001:0db8:0000:0000:0000:0000:0000:0007',
    'ipv6 destination': '0000:0000:0000:0000:0000:0000:0000:0001',
  })
  t.match(packet('192.0.2.7', '2001:db8:1:2:3:4:5:6'), {
    'ipv6 source': '0000:0000:0000:0000:0000:ffff:c000:0207',
    'ipv6 destination': '2001:0db8:0001:0002:0003:0004:0005:0006',
  })
  const scoped = 'fe80::1%eth0'
  t.ok(isIPv6(scoped))
  t.match(packet(scoped, '::'), { 'ipv6 source': 'fe80:0000:0000:0000:0000:0000:0000:0001' })
  t.end()
})

t.test('what is larger than a datagram is no packet', (t) => {
  t.equal(packetOf({ ...captured, message: 'x'.repeat(65_500) }), null)
  t.equal(packetOf({ ...captured, message: 'x'.repeat(100_000) }), null)
  t.ok(packetOf({ ...captured, message: 'x'.repeat(65_000) }))
  t.end()
})

t.test('only places that there can be are taken', (t) => {
  const pattern = new RegExp(collectorPattern, 'u')
  for (const url of ['udp:homer.internal:9060', 'udp://homer:9060', 'udp:[::1]:9060']) {
    t.match(url, pattern)
  }
  for (const url of ['homer:9060', 'tcp:homer:9060', 'udp:homer', 'udp:::1:9060', 'udp:a/b:1']) {
    t.notMatch(url, pattern)
  }
  t.end()
})

/** A collector that keeps what it gets. */
async function listen(t: Test, port = 0) {
  const socket: Socket = createSocket('udp4')
  const packets: Buffer[] = []
  socket.on('message', (packet) => packets.push(packet))
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    const closed = once(socket, 'close')
    socket.close()
    await closed
  }
  t.teardown(close)
  return { port: socket.address().port, packets, close }
}

async function sender(t: Test, url: string) {
  const outcomes: Outcome[] = []
  const failures: string[] = []
  const collector = new Collector({
    url,
    onOutcome: (outcome) => outcomes.push(outcome),
    onFailure: ({ message }) => failures.push(message),
  })
  t.teardown(() => collector.close())
  await collector.open()
  return { collector, outcomes, failures }
}

t.test('a collector gets the packets, by its name', async (t) => {
  const { port, packets } = await listen(t)
  const { collector, outcomes, failures } = await sender(t, `udp:127.0.0.1:${port}`)
  collector.send(captured)
  collector.send({ ...captured, from: { address: '', port: 0 } })
  collector.send({ ...captured, message: 'x'.repeat(100_000) })
  await until(() => packets.length === 2)
  await until(() => outcomes.length === 3)
  t.strictSame(decode(packets[0]!)['payload'], captured.message)
  t.match(decode(packets[1]!), { 'ipv4 source': '0.0.0.0', 'source port': 0 })
  t.strictSame(outcomes.toSorted(), ['sent', 'sent', 'too_large'])
  t.strictSame(failures, [])
})

t.test(
  'a collector that is away loses packets, which are counted, and gets others later',
  async (t) => {
    const first = await listen(t)
    const { collector, outcomes, failures } = await sender(t, `udp:127.0.0.1:${first.port}`)
    await first.close()
    await until(() => {
      collector.send(captured)
      return outcomes.includes('failed')
    })
    t.equal(failures.length, 1, 'told once')
    const second = await listen(t, first.port)
    await until(() => {
      collector.send(captured)
      return second.packets.length > 0
    })
    t.pass('it came back')
  },
)

t.test('a name that there is not disturbs nobody', async (t) => {
  const { collector, outcomes, failures } = await sender(t, 'udp:nowhere.invalid:9060')
  collector.send(captured)
  t.strictSame(outcomes, ['failed'])
  t.equal(failures.length, 1)
  await collector.close()
})
