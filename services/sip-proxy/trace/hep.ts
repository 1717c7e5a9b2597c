import { isIPv4, isIPv6 } from 'node:net'
import type { Place } from '../peer.ts'

/** A SIP message as a collector shows it. */
export interface Captured {
  readonly from: Place
  readonly to: Place
  /** Unix microseconds. */
  readonly at: number
  readonly call: string
  readonly message: string
}

/** Types of chunks of the generic vendor, 0 (HEP/EEP revision 3, "Chunk types"). */
const chunk = {
  family: 0x0001,
  protocol: 0x0002,
  sourceIpv4: 0x0003,
  targetIpv4: 0x0004,
  sourceIpv6: 0x0005,
  targetIpv6: 0x0006,
  sourcePort: 0x0007,
  targetPort: 0x0008,
  seconds: 0x0009,
  microseconds: 0x000a,
  payloadType: 0x000b,
  captureId: 0x000c,
  payload: 0x000f,
  correlationId: 0x0011,
} as const

/** As in AF_INET and AF_INET6 of Linux. */
const families = { ipv4: 2, ipv6: 10 } as const
/** What WebSocket runs over. */
const tcp = 6
const sip = 1
/** Tells one capturing agent from another. */
const captureId = 2001
const headLength = 6
/** What a UDP datagram over IPv4 carries. */
const mostBytes = 65_507

/** A message as one HEP3 packet; null: it is larger than a datagram. */
export function packetOf({ from, to, at, call, message }: Captured): Buffer | null {
  const isV4 = isIPv4(from.address) && isIPv4(to.address)
  const chunks = [
    number(chunk.family, 1, isV4 ? families.ipv4 : families.ipv6),
    number(chunk.protocol, 1, tcp),
    octets(isV4 ? chunk.sourceIpv4 : chunk.sourceIpv6, addressOf(from.address, isV4)),
    octets(isV4 ? chunk.targetIpv4 : chunk.targetIpv6, addressOf(to.address, isV4)),
    number(chunk.sourcePort, 2, from.port),
    number(chunk.targetPort, 2, to.port),
    number(chunk.seconds, 4, Math.floor(at / 1_000_000)),
    number(chunk.microseconds, 4, at % 1_000_000),
    number(chunk.payloadType, 1, sip),
    number(chunk.captureId, 4, captureId),
    octets(chunk.correlationId, Buffer.from(call)),
    octets(chunk.payload, Buffer.from(message)),
  ]
  const length = chunks.reduce((sum, one) => sum + one.length, headLength)
  if (length > mostBytes) return null
  const head = Buffer.from('HEP3\0\0')
  head.writeUInt16BE(length, 4)
  return Buffer.concat([head, ...chunks], length)
}

function number(type: number, size: number, value: number): Buffer {
  const content = Buffer.alloc(size)
  content.writeUIntBE(value, 0, size)
  return octets(type, content)
}

/** Vendor, type, length with these six octets, and what it says; too long a one makes the packet so as well. */
function octets(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(headLength)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(Math.min(headLength + content.length, 0xffff), 4)
  return Buffer.concat([head, content])
}

/** An address in the octets of its family; in the other one an IPv4 address is `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2). */
function addressOf(address: string, isV4: boolean): Buffer {
  if (isV4) return Buffer.from(address.split('.').map(Number))
  if (isIPv4(address)) return addressOf(`::ffff:${address}`, false)
  if (!isIPv6(address)) return Buffer.alloc(16)
  const hex = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts) => {
    const [a, b, c, d] = parts.slice(0, 4).map(Number) as [number, number, number, number]
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [before = '', after] = hex.split('::')
  const [first, last] = [groupsOf(before), groupsOf(after)]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0')
  const all = [...first, ...zeros, ...last].map((group) => group.padStart(4, '0'))
  return Buffer.from(all.join(''), 'hex')
}

function groupsOf(text = ''): string[] {
  return text.split(':').filter((group) => group !== '')
}
