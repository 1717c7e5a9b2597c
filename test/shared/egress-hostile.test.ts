import t from 'tap'
import { connectTo } from '@switchhook/shared/egress'
import { answering, setTrap } from './egress-trap.ts'

/** Every kind of address that is not public, in every form that reaches it. */
const special: Readonly<Record<string, readonly string[]>> = {
  'this machine': ['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::'],
  'a private network': [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    'fd12:3456::1',
    'fc00::1',
  ],
  'a link': [
    '169.254.1.1',
    'fe80::1',
    'febf::1',
    'fe80::1%eth0',
    'fe80::1%1',
    'fec0::1',
    'feff::1',
  ],
  'a carrier': ['100.64.0.1', '100.127.255.255'],
  'many or nobody': [
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '100::1',
  ],
  'documentation and tests': [
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '198.19.255.255',
    '2001:db8::1',
    '3fff::1',
    '2001:2::1',
  ],
  protocols: [
    '192.0.0.8',
    '192.88.99.1',
    '2001::1',
    '2001:10::1',
    '2001:20::1',
    '5f00::1',
    '4000::1',
  ],
  'IPv4 in IPv6': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:FFFF:7F00:0001',
    '::ffff:10.0.0.1',
    '::ffff:10.0.0.1%lo',
    '::127.0.0.1',
    '::7f00:1',
    '::8.8.8.8',
    '::ffff:0:127.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::8.8.8.8',
    '2002:7f00:1::1',
    '2002:a00:1::',
    '2002:808:808::1',
    '2001:0:808:808::f5ff:fffe',
    '2606:4700::5efe:10.0.0.1',
    '2606:4700::200:5efe:10.0.0.1',
  ],
  'metadata of clouds': [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
    'fd00:42::42',
    'fe80::a9fe:a9fe%eth0',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::169.254.169.254',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '64:ff9b:1:a9fe:a9:fe00::',
    '2002:a9fe:a9fe::1',
    '2001:0:808:808::5601:5601',
    '2001:0:a9fe:a9fe::1',
  ],
}

const open = { timeoutMs: 10_000 }

for (const [kind, addresses] of Object.entries(special)) {
  t.test(`no socket is made to ${kind}, by number or by name`, async (t) => {
    const trap = await setTrap(t)
    for (const address of addresses) {
      const unasked = answering(['8.8.8.8'])
      const literal = { host: address, port: trap.port, allowPrivate: false }
      await t.rejects(connectTo(literal, { ...open, ...unasked }), { code: 'upstream_private' })
      t.equal(unasked.asked, 0, `${address} needs no resolver`)
      for (const answers of [
        [address],
        ['8.8.8.8', address],
        [address, '2606:4700::1111', '1.1.1.1'],
      ]) {
        const named = { host: 'pbx.example.com', port: trap.port, allowPrivate: false }
        await t.rejects(connectTo(named, { ...open, ...answering(answers) }), {
          code: 'upstream_private',
          message: `'pbx.example.com' resolves to ${address}`,
        })
      }
    }
    t.strictSame([trap.dialled, trap.caught], [0, 0])
  })
}

t.test('metadata of clouds stays out of reach where private addresses are allowed', async (t) => {
  const trap = await setTrap(t)
  for (const address of special['metadata of clouds']!) {
    const { resolve } = answering(['127.0.0.1', address])
    for (const host of [address, 'pbx.example.com']) {
      const to = { host, port: trap.port, allowPrivate: true }
      await t.rejects(connectTo(to, { ...open, resolve }), {
        code: 'upstream_private',
        message: `${address} (cloud metadata range), which is not a public address`,
      })
    }
  }
  t.strictSame([trap.dialled, trap.caught], [0, 0])
})

t.test('what is neither a name nor an address is not looked up', async (t) => {
  const trap = await setTrap(t)
  for (const host of [
    ['127.1', '127.0.1', '0x7f.1', '0x7f.0.0.1', '0x7f000001', '0X7F.0X1', '2130706433'],
    ['017700000001', '0177.0.0.1', '127.0.0.01', '127.0.0.1.', '0', '0x', '1.2.3.4.5', '256.1.1.1'],
    ['pbx.example.1', 'pbx.0x7f', '[::1]', '[::1', '::1]', '::ffff:127.1', '1::2::3', '%3a%3a1'],
    ['127.0.0.1:6379', '127.0.0.1/', '127.0.0.1#', '127.0.0.1?', '1@127.0.0.1', '//127.0.0.1'],
    ['x.evil.com/#', '1@evil.com:443/', '..%2f', '388.evil.tld#', 'evil.com\\@pbx', 'evil.com '],
    [
      '127。0。0。1',
      '１２７.0.0.1',
      '①②⑦.0.0.1',
      'ⓔvil.com',
      'pbx.example.com\0',
      'a\r\nb',
      'a\tb',
    ],
    ['', '.', '..', 'a..b', '.a', '-a.example.com', 'a-.example.com', '*.example.com', '$(id)'],
    [`${'a'.repeat(64)}.com`, `${'a.'.repeat(127)}com`],
  ].flat()) {
    for (const allowPrivate of [false, true]) {
      const hostile = answering(['127.0.0.1'])
      const to = { host, port: trap.port, allowPrivate }
      await t.rejects(
        connectTo(to, { ...open, ...hostile }),
        { code: 'upstream_unresolved' },
        JSON.stringify(host),
      )
      t.equal(hostile.asked, 0)
    }
  }
  t.strictSame([trap.dialled, trap.caught], [0, 0])
})

t.test('a resolver is not believed what it cannot mean', async (t) => {
  const trap = await setTrap(t)
  for (const answers of [
    [],
    [''],
    ['localhost'],
    ['127.1'],
    ['8.8.8.8', 'evil.com'],
    ['1.2.3.4.5'],
  ]) {
    const to = { host: 'pbx.example.com', port: trap.port, allowPrivate: true }
    await t.rejects(connectTo(to, { ...open, ...answering(answers) }), {
      code: 'upstream_unresolved',
    })
  }
  t.strictSame([trap.dialled, trap.caught], [0, 0])
})

t.test('a name is asked for once, so that a second answer changes nothing', async (t) => {
  const trap = await setTrap(t)
  const to = { host: 'rebinding.example.com', port: trap.port, allowPrivate: true }
  // What is connected to is what was judged first: the second answer is never asked for.
  const rebinding = answering(['127.0.0.1'], ['169.254.169.254'])
  const socket = await connectTo(to, { ...open, ...rebinding })
  t.equal(socket.remoteAddress, '127.0.0.1')
  t.equal(rebinding.asked, 1)
  socket.destroy()
  await t.rejects(connectTo(to, { ...open, ...rebinding }), { code: 'upstream_private' })
  t.equal(trap.dialled, 1)
  const turned = answering(['10.0.0.1'], ['8.8.8.8'])
  await t.rejects(connectTo({ ...to, allowPrivate: false }, { ...open, ...turned }), {
    code: 'upstream_private',
  })
  t.equal(turned.asked, 1)
})

t.test('names of this machine are judged by their addresses', async (t) => {
  const trap = await setTrap(t)
  for (const host of ['localhost', 'LOCALHOST']) {
    const to = { host, port: trap.port, allowPrivate: false }
    await t.rejects(connectTo(to, open), { code: 'upstream_private' })
  }
  t.strictSame([trap.dialled, trap.caught], [0, 0])
})
