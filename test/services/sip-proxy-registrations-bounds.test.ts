import t from 'tap'
import {
  answerText,
  contact,
  Line,
  opened,
  registerText,
} from './sip-proxy-registrations-sample.ts'

t.test(
  'of what passes only REGISTERs are looked at, and answers while one is under way',
  async (t) => {
    const { clock, registrar } = await opened(t)
    const line = new Line(registrar)
    const others = [
      'INVITE sip:a SIP/2.0\r\n',
      'REGISTERED sip:a SIP/2.0',
      'register sip:a SIP/2.0',
      'OK',
      '\r\n\r\n',
      '',
      'SIP/2.0 200 OK\r\n',
    ]
    for (const text of others) line.pass('browser', text)
    for (const text of others) line.pass('upstream', text)
    line.pass('upstream', registerText([], { aor: 'sip:a@b', cseq: 1 }))
    t.equal(line.wanted, 0)
    const asked = line.ask([`Contact: <${contact}>`])
    line.pass('upstream', answerText([], { status: 200, cseq: 1, method: 'INVITE' }))
    t.equal(line.wanted, 2)
    line.answer(asked, 401)
    line.answer(asked, 401)
    t.equal(line.wanted, 3)
    line.ask([`Contact: <${contact}>`])
    clock.now += 64_000
    line.answer(2, 200)
    t.equal(line.wanted, 4, 'an answer that nobody waits for any more')
  },
)

t.test(
  'of eight REGISTERs at once each has its answer; of more the first ones have none',
  async (t) => {
    const { registrar, contacts } = await opened(t)
    const line = new Line(registrar)
    const row = (user: number) => `Contact: <sip:${user}@a.invalid>;expires=60`
    const asked = Array.from({ length: 9 }, (_, user) => line.ask([row(user)]))
    for (const [user, cseq] of asked.entries()) line.answer(cseq, 200, [row(user)])
    t.equal((await contacts()).length, 8)
    t.notOk((await contacts()).some(([uri]) => uri === 'sip:0@a.invalid'))
  },
)

t.test(
  'of a connection with more bindings than anybody has the first ones are not shown',
  async (t) => {
    const { registrar, contacts } = await opened(t)
    const line = new Line(registrar)
    for (let user = 0; user < 20; user += 1)
      line.register([`Contact: <sip:${user}@a.invalid>;expires=60`])
    t.equal((await contacts()).length, 16)
    line.watch.closed()
    t.strictSame(await contacts(), [])
  },
)

t.test('what cannot be read is counted, and disturbs nothing', async (t) => {
  const { registrar, contacts } = await opened(t)
  const line = new Line(registrar)
  const rows = [
    'Contact: <sip:a@b',
    'Contact: *, <sip:a@b>',
    `Contact: <sip:${'a'.repeat(600)}@b>`,
    `Contact: ${Array.from({ length: 11 }, () => '<sip:a@b>').join()}`,
    'Call-ID: another',
    'no header',
  ]
  for (const row of rows) line.ask([row])
  t.equal(registrar.unread, rows.length)
  line.pass('browser', 'REGISTER \0\r\n\r\n')
  const asked = line.ask([`Contact: <${contact}>`])
  line.pass('upstream', 'SIP/2.0 200 OK\r\nCSeq')
  t.equal(registrar.unread, rows.length + 2)
  line.answer(asked, 200, [`Contact: <${contact}>`, 'Contact: <sip:a@b'])
  t.equal(registrar.unread, rows.length + 3)
  t.strictSame(await contacts(), [])
  line.answer(asked, 200, [`Contact: <sip:${'a'.repeat(600)}@b>, <${contact}>`])
  t.strictSame(await contacts(), [[contact, 3_600]])
})

t.test('answers to something else are none, whatever they mention', async (t) => {
  const { registrar, contacts } = await opened(t)
  const line = new Line(registrar)
  const row = `Contact: <${contact}>`
  const asked = line.ask([row])
  const invite = { status: 200, cseq: asked, method: 'INVITE' }
  line.pass('upstream', answerText(['Contact: <sip:a@b'], invite))
  line.pass('upstream', answerText([row, 'Allow: INVITE, REGISTER'], invite))
  t.strictSame([registrar.unread, registrar.answers], [0, []])
  line.answer(asked, 200, [row])
  t.strictSame(await contacts(), [[contact, 3_600]])
})

t.test('text that no store takes is taken without what hurts', async (t) => {
  const { registrar, list } = await opened(t)
  const line = new Line(registrar)
  line.register([
    `Contact: <sip:k\u00e4\u0080@a.invalid>;+sip.instance="a\0b";reg-id=1`,
    `User-Agent: a\0b\u0007${'x'.repeat(1_000)}`,
  ])
  t.match(await list(), [{ contact: 'sip:k\u00e4@a.invalid', instance: 'ab' }])
  t.equal((await list())[0]!.userAgent?.length, 512)
  t.strictSame(registrar.said, [])
})
