import { getEventListeners, once } from 'node:events'
import { createServer as createHttpServer, request, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { connectTo } from '@switchhook/shared/egress'
import { octetsOf } from '../../shared/egress/octets.ts'
import { plainAddress, standingOf } from '../../shared/egress/special.ts'
import { seeded } from '../kit/random.ts'
import { until } from '../kit/until.ts'
import { startDeaf } from './egress-deaf.ts'
import { answering, setTrap } from './egress-trap.ts'

const open = { timeoutMs: 10_000 }
const hanging = { resolve: () => new Promise<never>(() => {}) }

/** What holds the process: a timer or a socket that outlives its use would be among it. */
const held = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP/.test(kind)).length

t.test('public addresses are public in every form', (t) => {
  for (const address of [
    ['8.8.8.8', '1.0.0.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0'],
    [
      '126.255.255.255',
      '128.0.0.0',
      '172.15.255.255',
      '172.32.0.0',
      '192.0.1.0',
      '192.167.255.255',
    ],
    ['198.17.255.255', '198.20.0.0', '223.255.255.255', '::ffff:8.8.8.8', '::ffff:808:808'],
    [
      '64:ff9b::8.8.8.8',
      '2606:4700::1111',
      '2a00:1450:4001::1',
      '2001:200::1',
      '2001:4860:4860::8888',
    ],
    ['2003::1', '3ffd::1', '2606:4700:0:0:1:5efe:0a00:1', '2606:4700::1%eth0'],
  ].flat()) {
    t.equal(standingOf(plainAddress(address) ?? ''), 'public', address)
  }
  t.end()
})

t.test('an address is the same in every spelling', (t) => {
  const random = seeded(7)
  for (let round = 0; round < 500; round += 1) {
    const octets = Array.from({ length: 16 }, () =>
      random() < 0.5 ? 0 : Math.floor(random() * 256),
    )
    const hex = Buffer.from(octets).toString('hex')
    const long = hex.match(/.{4}/g)!.join(':')
    const short = new URL(`http://[${long}]`).hostname.slice(1, -1)
    const tail = octets.slice(12).join('.')
    const mixed = `${long.slice(0, 29)}:${tail}`
    for (const spelling of [long, long.toUpperCase(), short, mixed]) {
      t.strictSame(octetsOf(spelling), octets, spelling)
    }
    t.equal(plainAddress(`::ffff:${tail}`), tail)
    t.equal(plainAddress(`::FFFF:${long.slice(30)}%lo`), tail)
  }
  t.end()
})

t.test('it connects where it may, by number and by name', async (t) => {
  const trap = await setTrap(t)
  for (const [host, answers] of [
    ['127.0.0.1', []],
    ['::1', []],
    ['::ffff:127.0.0.1', []],
    ['pbx.example.com', ['127.0.0.1']],
    ['pbx_1.example.com.', ['::1', '127.0.0.1']],
    ['xn--bcher-kva.example', ['127.0.0.1', '127.0.0.1']],
  ] as const) {
    const to = { host, port: trap.port, allowPrivate: true }
    const socket = await connectTo(to, { ...open, ...answering(answers) })
    t.equal(socket.remotePort, trap.port, host)
    socket.destroy()
  }
  await until(() => trap.open === 0)
  t.equal(trap.caught, 6)
})

t.test('the next address is tried when one refuses or is silent', async (t) => {
  const deaf = await startDeaf(t)
  const server = createServer((socket) => socket.end())
  server.listen(deaf.port, '127.0.0.9')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const to = { host: 'pbx.example.com', port: deaf.port, allowPrivate: true }
  const before = held()
  const { resolve } = answering(['127.0.0.8', deaf.host, '127.0.0.9'])
  const socket = await connectTo(to, { timeoutMs: 2_000, resolve })
  t.equal(socket.remoteAddress, '127.0.0.9')
  t.strictSame(socket.listeners('error'), [])
  socket.destroy()
  await until(() => held() <= before)
})

t.test('why nothing is connected is said for every address', async (t) => {
  const { port } = await startDeaf(t)
  const to = { host: 'pbx.example.com', port, allowPrivate: true }
  const refused = 'nothing listens there (ECONNREFUSED)'
  await t.rejects(connectTo(to, { ...open, ...answering(['127.0.0.8']) }), {
    code: 'upstream_unreachable',
    message: `pbx.example.com:${port} cannot be reached: ${refused}`,
    cause: { code: 'ECONNREFUSED', address: '127.0.0.8' },
  })
  await t.rejects(connectTo(to, { ...open, ...answering(['127.0.0.7', '127.0.0.8']) }), {
    code: 'upstream_unreachable',
    message: `cannot be reached: 127.0.0.7: ${refused}, 127.0.0.8: ${refused}`,
    cause: { errors: [{ address: '127.0.0.7' }, { address: '127.0.0.8' }] },
  })
  const many = Array.from({ length: 300 }, (_, index) => `127.0.1.${index % 255}`)
  const trap = await setTrap(t)
  await t.rejects(connectTo(to, { ...open, ...answering(many) }), { code: 'upstream_unreachable' })
  t.equal(trap.dialled, 8, 'a name with hundreds of addresses is not tried for ever')
})

t.test('a name that does not resolve says why', async (t) => {
  const to = { host: 'pbx.example.com', port: 8089, allowPrivate: false }
  for (const [code, reason] of [
    ['ENOTFOUND', 'there is no such name (ENOTFOUND)'],
    ['EAI_AGAIN', 'the DNS server does not answer (EAI_AGAIN)'],
    ['EAI_FAIL', 'EAI_FAIL'],
  ]) {
    const cause = Object.assign(new Error('getaddrinfo'), { code })
    const resolve = () => Promise.reject(cause)
    await t.rejects(connectTo(to, { ...open, resolve }), {
      code: 'upstream_unresolved',
      message: `The name 'pbx.example.com' has no address: ${reason}`,
      cause,
    })
  }
  await t.rejects(connectTo({ ...to, host: 'absent.invalid' }, open), {
    code: 'upstream_unresolved',
  })
})

t.test('names and connections share one deadline, and nothing is left behind', async (t) => {
  const { host, port } = await startDeaf(t)
  const trap = await setTrap(t)
  const to = { host: 'pbx.example.com', port, allowPrivate: true }
  const before = held()
  const slow = 'pbx.example.com:PORT does not answer:'
  for (const [resolver, what] of [
    [hanging, 'looking up its name'],
    [answering([host]), 'connecting'],
    [answering(['127.0.0.8', host]), 'connecting'],
  ] as const) {
    const error = await connectTo(to, { timeoutMs: 60, ...resolver }).catch((error: Error) => error)
    t.match(error, { code: 'upstream_timeout' })
    t.match(
      (error as Error).message.replace(String(port), 'PORT'),
      `${slow} ${what} took longer than 60 ms`,
    )
  }
  await until(() => held() <= before)
  t.equal(trap.caught, 0)
})

t.test('a connection that nobody wants any more ends with the reason why', async (t) => {
  const { host, port } = await startDeaf(t)
  const to = { host: 'pbx.example.com', port, allowPrivate: true }
  const before = held()
  for (const resolver of [hanging, answering([host]), answering([host, '127.0.0.8'])]) {
    const gone = new AbortController()
    const connecting = connectTo(to, { ...open, ...resolver, signal: gone.signal })
    gone.abort(new Error('the browser is gone'))
    await t.rejects(connecting, { message: 'the browser is gone' })
    await t.rejects(connectTo(to, { ...open, ...resolver, signal: gone.signal }), {
      message: 'the browser is gone',
    })
    t.strictSame(getEventListeners(gone.signal, 'abort'), [])
  }
  await until(() => held() <= before)
})

t.test('what comes of it too late is not kept', async (t) => {
  const trap = await setTrap(t)
  const before = held()
  const answer = Promise.withResolvers<{ address: string; family: number }[]>()
  const to = { host: 'pbx.example.com', port: trap.port, allowPrivate: true }
  const late = connectTo(to, { timeoutMs: 20, resolve: () => answer.promise })
  await t.rejects(late, { code: 'upstream_timeout' })
  answer.resolve([{ address: '127.0.0.1', family: 4 }])
  await answer.promise
  const failing = Promise.withResolvers<never>()
  await t.rejects(connectTo(to, { timeoutMs: 20, resolve: () => failing.promise }), {
    code: 'upstream_timeout',
  })
  failing.reject(new Error('too late as well'))
  await until(() => held() <= before)
  t.equal(trap.dialled, 0)
})

t.test('who asks for a name that is being looked up gets the same answer', async (t) => {
  const trap = await setTrap(t)
  const to = { host: 'localhost', port: trap.port, allowPrivate: true }
  const sockets = await Promise.all(Array.from({ length: 20 }, () => connectTo(to, open)))
  t.equal(sockets.length, 20)
  for (const socket of sockets) socket.destroy()
  await until(() => trap.open === 0)
})

t.test('HTTP goes over the socket as over any other', async (t) => {
  const server = createHttpServer((_, reply) => reply.end('a certificate'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const socket = await connectTo({ host: '127.0.0.1', port, allowPrivate: true }, open)
  const asked = request(`http://ca.example.com:${port}/ca.der`, {
    createConnection: () => socket,
  }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  t.equal(String(Buffer.concat(await answer.toArray())), 'a certificate')
  socket.destroy()
})
