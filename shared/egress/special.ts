import { BlockList, isIP, isIPv4 } from 'node:net'
import { octetsOf } from './octets.ts'

/** `metadata`: services that give a machine's credentials to whoever asks, so never a PBX. */
export type Standing = 'public' | 'private' | 'metadata'

/**
 * What is not globally reachable, or is so only for special purposes.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/multicast-addresses
 */
const special4 = listOf('ipv4', [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // multicast tunnels
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
])

/** Only this is global unicast at all: loopback, ULA, link-local, site-local and multicast lie elsewhere. */
const unicast6 = listOf('ipv6', ['2000::/3'])

/** https://www.iana.org/assignments/iana-ipv6-special-registry, as far as it lies within global unicast */
const special6 = listOf('ipv6', [
  '2001::/23', // protocol assignments, Teredo, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '2620:4f:8000::/48', // AS112
  '3ffe::/16', // the 6bone, returned
  '3fff::/20', // documentation
])

/** All of IPv4 link-local, where most clouds have theirs; Alibaba, Azure's wire server, Oracle. */
const metadata4 = listOf('ipv4', [
  '169.254.0.0/16',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
])

/** Amazon, Google, Scaleway, OpenStack. */
const metadata6 = listOf('ipv6', [
  'fd00:ec2::/32',
  'fd20:ce::/32',
  'fd00:42::42/128',
  'fe80::a9fe:a9fe/128',
])

/** How an IPv6 address names an IPv4 one that is reached in its place. */
interface Embedding {
  readonly within: BlockList
  /** Which of the 16 octets are the IPv4 address. */
  readonly at: readonly number[]
  /** What its octets are combined with. */
  readonly mask?: number
  /** Whether the IPv4 address alone decides; the range is special by itself otherwise. */
  readonly decides?: true
}

const last = [12, 13, 14, 15]

const embeddings: readonly Embedding[] = [
  { within: listOf('ipv6', ['64:ff9b::/96']), at: last, decides: true }, // NAT64, RFC 6052
  { within: listOf('ipv6', ['64:ff9b:1::/48']), at: last }, // NAT64 of a network, RFC 8215
  { within: listOf('ipv6', ['64:ff9b:1::/48']), at: [6, 7, 9, 10] }, // as RFC 6052 §2.2 has it for a /48
  { within: listOf('ipv6', ['::/96']), at: last }, // IPv4-compatible, RFC 4291 §2.5.5.1
  { within: listOf('ipv6', ['::ffff:0:0:0/96']), at: last }, // IPv4-translated, RFC 2765
  { within: listOf('ipv6', ['2002::/16']), at: [2, 3, 4, 5] }, // 6to4, RFC 3056
  { within: listOf('ipv6', ['2001::/32']), at: last, mask: 255 }, // Teredo, RFC 4380 §4
  { within: listOf('ipv6', ['2001::/32']), at: [4, 5, 6, 7] }, // a Teredo server
]

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), family)
  }
  return list
}

/** An IP address as it is reached: without a zone, and an IPv4-mapped one as IPv4. Null if it is no IP address. */
export function plainAddress(address: string): string | null {
  const [bare = ''] = address.split('%')
  if (!isIP(bare)) return null
  if (isIPv4(bare)) return bare
  const octets = octetsOf(bare)
  const mapped = octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 255
  return mapped && octets[11] === 255 ? octets.slice(12).join('.') : bare
}

/** Where a plain IP address stands. */
export function standingOf(address: string): Standing {
  if (isIPv4(address)) {
    if (metadata4.check(address)) return 'metadata'
    return special4.check(address) ? 'private' : 'public'
  }
  if (metadata6.check(address, 'ipv6')) return 'metadata'
  const octets = octetsOf(address)
  const embedding = embeddedIn(address, octets)
  if (embedding) return embedding
  return unicast6.check(address, 'ipv6') && !special6.check(address, 'ipv6') ? 'public' : 'private'
}

function embeddedIn(address: string, octets: readonly number[]): Standing | null {
  const found = [
    ...embeddings.filter(({ within }) => within.check(address, 'ipv6')),
    ...isatap(octets),
  ]
  if (found.length === 0) return null
  const standings = found.map(({ at, mask = 0 }) =>
    standingOf(at.map((index) => (octets[index] ?? 0) ^ mask).join('.')),
  )
  if (standings.includes('metadata')) return 'metadata'
  const decides = found.every((embedding) => embedding.decides)
  return decides && standings.every((standing) => standing === 'public') ? 'public' : 'private'
}

/** An interface identifier of ISATAP, below any prefix (RFC 5214 §6.1). */
function isatap(octets: readonly number[]): Embedding[] {
  const marked = octets[8] !== undefined && (octets[8] & ~2) === 0
  const is = marked && octets[9] === 0 && octets[10] === 0x5e && octets[11] === 0xfe
  return is ? [{ within: unicast6, at: last }] : []
}
