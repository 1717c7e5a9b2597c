import t from 'tap'
import { Duplex } from 'node:stream'
import { peerOf } from '../../services/sip-proxy/connected.ts'

const head = Buffer.alloc(0)
const end = (port: number) =>
  Object.assign(new Duplex(), { remoteAddress: '::1', remotePort: port })
const [mine, theirs, first] = ['1', '2', '3'].map((digit) => digit.repeat(8)) as [
  string,
  string,
  string,
]

function peer(user: string | null, upstreamApp: string | null) {
  const upstream = { name: 'phantom', app: upstreamApp }
  return peerOf(
    {
      browser: { socket: end(50_000), head },
      upstream: { socket: end(8_089), head },
      route: { upstream } as Parameters<typeof peerOf>[0]['route'],
      address: '192.0.2.1',
      userAgent: 'Mozilla/5.0',
      principal: (user === null ? null : { app: user }) as Parameters<
        typeof peerOf
      >[0]['principal'],
    },
    first,
  )
}

t.test(
  'a connection belongs to the app of its user, else of its upstream, else to the first',
  (t) => {
    t.equal(peer(mine, theirs).app, mine)
    t.equal(peer(null, theirs).app, theirs)
    t.equal(peer(null, null).app, first)
    t.end()
  },
)

t.test('both its ends are known, the one of the PBX as it was dialled', (t) => {
  const { upstream, address, port, target } = peer(null, null)
  t.strictSame([upstream, address, port], ['phantom', '192.0.2.1', 50_000])
  t.strictSame(target, { address: '::1', port: 8_089 })
  t.end()
})
