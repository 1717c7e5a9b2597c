import t from 'tap'
import { app, contact, instance, Line, opened } from './sip-proxy-registrations-sample.ts'

t.test('a REGISTER that the PBX accepts is a registration, as the answer grants it', async (t) => {
  const { registrar, list } = await opened(t)
  const line = new Line(registrar)
  const asked = line.ask([
    `Contact: <${contact}>;+sip.instance="${instance}";reg-id=1;expires=600`,
    'User-Agent: JsSIP 3.13.8',
  ])
  t.strictSame(await list(), [], 'nothing is, before the answer')
  line.answer(asked, 100)
  line.answer(asked, 200, [
    `Contact: <sip:other@x.invalid;transport=ws>;expires=77`,
    `Contact: <${contact}>;+sip.instance="${instance}";reg-id=1;expires=300`,
  ])
  const [found, ...others] = await list()
  t.strictSame(others, [])
  t.match(found, {
    app,
    aor: 'sip:1001@pbx.example',
    user: '1001',
    contact,
    instance,
    userAgent: 'JsSIP 3.13.8',
    address: '192.0.2.1',
    upstream: 'phantom',
    grantedSeconds: 300,
    expiresAt: '2026-01-01T00:05:00.000Z',
    registeredAt: '2026-01-01T00:00:00.000Z',
  })
  t.strictSame(registrar.answers, [200])
})

t.test('our contact is found in the answer by what it is, not by where it stands', async (t) => {
  const { registrar, contacts } = await opened(t)
  const answers = [
    'Contact: <sip:%6B3j@A1B2C3.invalid;transport=WS>;expires=90',
    `m: <sip:x@y>;expires=1, "Ann, Lee" <${contact}>;q=0.5;expires=90`,
    `Contact: <sip:rewritten@192.0.2.7:4711>;+sip.instance="${instance}";reg-id=1;expires=90`,
    `Contact: <sip:old@b.invalid>;+sip.instance="${instance}";reg-id=1;expires=5, <${contact}>;expires=90`,
  ]
  for (const answer of answers) {
    const line = new Line(registrar)
    line.register([`Contact: <${contact}>;+sip.instance="${instance}";reg-id=1`], [answer])
    t.strictSame(await contacts(), [[contact, 90]], answer)
    line.watch.closed()
    t.strictSame(await contacts(), [])
  }
})

t.test(
  'where the answer does not say how long, its Expires does, then the request, then an hour',
  async (t) => {
    const { registrar, contacts } = await opened(t)
    const asked: [string[], string[], number][] = [
      [['Expires: 60'], ['Expires: 50'], 50],
      [['Expires: 60'], [], 60],
      [[], [], 3_600],
      [[], ['Expires: soon'], 3_600],
      [['Expires: 99999999999'], [], 2 ** 32 - 1],
    ]
    for (const [request, answer, seconds] of asked) {
      const line = new Line(registrar)
      line.register([`Contact: <${contact}>`, ...request], [`Contact: <${contact}>`, ...answer])
      t.strictSame(await contacts(), [[contact, seconds]])
      line.watch.closed()
    }
  },
)

t.test('several contacts of one REGISTER are each what the answer makes of it', async (t) => {
  const { registrar, contacts } = await opened(t)
  const line = new Line(registrar)
  line.register(
    [
      'Contact: <sip:a@a.invalid>;expires=60, <sip:b@a.invalid>',
      'Contact: sip:c@a.invalid;expires=0',
      'Expires: 30',
    ],
    ['Contact: <sip:b@a.invalid>;expires=20, <sip:a@a.invalid>;expires=40'],
  )
  t.strictSame(
    new Map((await contacts()) as [string, number][]),
    new Map([
      ['sip:a@a.invalid', 40],
      ['sip:b@a.invalid', 20],
    ]),
  )
  line.register(['Contact: <sip:a@a.invalid>;expires=0'], ['Contact: <sip:b@a.invalid>;expires=20'])
  t.strictSame(await contacts(), [['sip:b@a.invalid', 20]])
})

t.test('whoever is refused was not registered, and stays so if registered before', async (t) => {
  const { registrar, contacts } = await opened(t)
  const line = new Line(registrar)
  for (const status of [401, 403, 423, 503])
    line.answer(line.ask([`Contact: <${contact}>`]), status)
  t.strictSame(await contacts(), [])
  line.register([`Contact: <${contact}>;expires=60`])
  for (const status of [302, 401, 403, 423, 503, 600]) {
    line.answer(line.ask([`Contact: <${contact}>;expires=0`]), status)
  }
  t.strictSame(await contacts(), [[contact, 60]])
  t.strictSame(registrar.answers, [401, 403, 423, 503, 200, 302, 401, 403, 423, 503, 600])
})

t.test('a refresh goes on, with a new end', async (t) => {
  const { clock, registrar, list } = await opened(t)
  const line = new Line(registrar)
  line.register([`Contact: <${contact}>;expires=60`])
  clock.now += 50_000
  line.register([`Contact: <${contact}>;expires=60`], [`Contact: <${contact}>;expires=120`])
  t.match(await list(), [
    {
      grantedSeconds: 120,
      expiresAt: '2026-01-01T00:02:50.000Z',
      registeredAt: '2026-01-01T00:00:00.000Z',
    },
  ])
  t.equal((await list()).length, 1)
})

t.test('whoever unregisters is gone: one contact, or all of an address', async (t) => {
  const { registrar, contacts } = await opened(t)
  const line = new Line(registrar)
  const both = () => {
    line.register(['Contact: <sip:a@a.invalid>;expires=9'])
    line.register(['Contact: <sip:b@a.invalid>;expires=9'])
  }
  both()
  line.register(['Contact: <sip:a@a.invalid>', 'Expires: 0'], [])
  t.strictSame(await contacts(), [['sip:b@a.invalid', 9]])
  both()
  line.register(['Contact: <sip:c@a.invalid>;expires=9'], undefined, 'sip:1002@pbx.example')
  line.register(['Contact: *', 'Expires: 0'], [])
  t.strictSame(await contacts(), [['sip:c@a.invalid', 9]])
})

t.test('a contact that the answer does not list is none, though the status is 200', async (t) => {
  const { registrar, contacts } = await opened(t)
  const line = new Line(registrar)
  line.register([`Contact: <${contact}>`], ['Contact: <sip:k3j@192.0.2.7:4711>;expires=60'])
  t.strictSame(await contacts(), [])
  line.register([], ['Contact: <sip:k3j@192.0.2.7:4711>;expires=60'])
  t.strictSame(await contacts(), [], 'nor what somebody only asks for')
})

t.test('a socket that closes takes its registrations along, and no others', async (t) => {
  const { registrar, contacts } = await opened(t)
  const [one, two] = [new Line(registrar), new Line(registrar)]
  one.register(['Contact: <sip:a@a.invalid>;expires=9'])
  two.register(['Contact: <sip:b@b.invalid>;expires=9'])
  one.watch.closed()
  t.strictSame(await contacts(), [['sip:b@b.invalid', 9]])
})

t.test('who comes back on another socket before the old one is found dead stays', async (t) => {
  const { registrar, list } = await opened(t)
  const [one, two] = [new Line(registrar), new Line(registrar, { address: '192.0.2.2' })]
  const row = (user: string) =>
    `Contact: <sip:${user}@${user}.invalid>;+sip.instance="${instance}";reg-id=1;expires=60`
  one.register([row('a')])
  two.register([row('b')])
  t.match(await list(), [{ contact: 'sip:b@b.invalid', address: '192.0.2.2' }])
  t.equal((await list()).length, 1)
  one.watch.closed()
  t.match(await list(), [{ contact: 'sip:b@b.invalid' }])
  two.watch.closed()
  t.strictSame(await list(), [])
})

t.test('whoever refreshes last has it, and the other one takes nothing along', async (t) => {
  const { clock, registrar, list } = await opened(t)
  const [one, two] = [new Line(registrar), new Line(registrar, { address: '192.0.2.2' })]
  const row = `Contact: <${contact}>;expires=60`
  one.register([row])
  two.register([row])
  clock.now += 30_000
  one.register([row])
  const [held] = await list()
  t.match(held, { address: '192.0.2.1', expiresAt: '2026-01-01T00:01:30.000Z' })
  t.equal(held?.registeredAt, '2026-01-01T00:00:30.000Z', 'it began again')
  two.watch.closed()
  t.equal((await list()).length, 1)
  clock.now += 60_000
  t.strictSame(registrar.count(), new Map())
  one.register([row])
  t.match(await list(), [{ registeredAt: '2026-01-01T00:01:30.000Z' }], 'after it was over, too')
  one.watch.closed()
  t.strictSame(await list(), [])
})

t.test('what is not refreshed is over', async (t) => {
  const { clock, registrar, contacts } = await opened(t)
  const line = new Line(registrar)
  line.register([`Contact: <${contact}>;expires=60`])
  t.strictSame(registrar.count(), new Map([['phantom', 1]]))
  clock.now += 59_999
  t.equal((await contacts()).length, 1)
  clock.now += 1
  t.strictSame(await contacts(), [])
  t.strictSame(registrar.count(), new Map())
})

t.test('an app sees those of its own', async (t) => {
  const { registrar } = await opened(t)
  const apps = [app, ...['2', '3'].map((digit) => app.replaceAll('1', digit))]
  for (const one of apps) {
    new Line(registrar, { app: one }).register([`Contact: <${contact}>;expires=60`])
  }
  for (const one of apps) t.equal((await registrar.list({ app: one, limit: 9 })).length, 1)
})

t.test(
  'addresses are those of the To header: without parameters, the host in lower case',
  async (t) => {
    const { registrar, list } = await opened(t)
    const aors = [
      'sip:1001@PBX.Example;user=phone',
      'SIPS:1001@pbx.example:5061',
      'sip:pbx.example',
      'sip:%E4@[2001:DB8::1]',
    ]
    for (const aor of aors) new Line(registrar).register([`Contact: <${contact}>`], undefined, aor)
    const found = (await list()).map((one) => `${one.user} ${one.aor}`)
    t.strictSame(found.toSorted(), [
      ' sip:pbx.example',
      '%E4 sip:%E4@[2001:db8::1]',
      '1001 sip:1001@pbx.example',
      '1001 sips:1001@pbx.example:5061',
    ])
    new Line(registrar).register([`Contact: <${contact}>`], undefined, 'tel:+12025550131')
    t.equal((await list()).length, 4)
  },
)

t.test('a REGISTER that names no user agent has that of the handshake, or none', async (t) => {
  const { registrar, list } = await opened(t)
  new Line(registrar).register(['Contact: <sip:a@a.invalid>'])
  new Line(registrar, { userAgent: '' }).register(['Contact: <sip:b@a.invalid>'])
  const agents = (await list()).map((one) => [one.contact, one.userAgent])
  t.strictSame(
    new Map(agents as [string, string | null][]),
    new Map([
      ['sip:a@a.invalid', 'Mozilla/5.0'],
      ['sip:b@a.invalid', null],
    ]),
  )
})

t.test('behind a PBX that is given another Contact the browser still knows its own', async (t) => {
  const { registrar, contacts } = await opened(t)
  const contactHost = 'edge.example:5060'
  const line = new Line(registrar, { contactHost })
  line.register(
    [`Contact: <${contact}>;expires=60`],
    ['Contact: <sip:k3j@edge.example:5060;transport=ws>;expires=50'],
  )
  t.strictSame(await contacts(), [[contact, 50]])
})
