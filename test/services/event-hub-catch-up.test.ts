import t from 'tap'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { signToken } from '../kit/token.ts'

/** Commits and announces events of so many calls. */
async function append({ app }: Suite, count: number, first = 0): Promise<void> {
  const { id } = app.directory.firstApp
  const batch = Array.from({ length: count }, (_, index) =>
    sampleDelivery(id, [sampleEvent({ callId: `call-${first + index}` })]),
  )
  for (const appended of await app.journal.append(batch)) {
    if (appended.status === 'accepted') app.bus.publish(id, appended.rows)
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: {
    events: { event: string; seq: number; prev: number; call: string; data: object }[]
    next: string
    head: string
    code?: string
  }
}

async function read({ url, token }: Pick<Suite, 'url' | 'token'>, query = ''): Promise<Answer> {
  const response = await fetch(`${url}/api/events${query}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await response.text()
  return { status: response.status, text, body: JSON.parse(text) as Answer['body'] }
}

t.test('page by page, the frames are those of a WebSocket that resumes', async (t) => {
  const suite = await build(t)
  const start = await read(suite)
  t.match(start.body, { events: [], next: /:0$/ })
  t.equal(start.body.next, start.body.head)
  await append(suite, 7)
  const socket = await connect(suite.url, {
    token: suite.token,
    modern: true,
    cursor: start.body.next,
  })
  const raw: string[] = []
  socket.socket.on('message', (data: Buffer) => raw.push(data.toString()))
  await socket.nextNamed('resumed')
  const texts: string[] = []
  const seqs: number[] = []
  for (let next = start.body.next; ;) {
    const { text, body } = await read(suite, `?after=${next}&limit=3`)
    texts.push(text)
    seqs.push(...body.events.map(({ seq }) => seq))
    if (body.events.length === 0) break
    next = body.next
  }
  t.strictSame(seqs, [1, 2, 3, 4, 5, 6, 7])
  for (const frame of raw.filter((text) => text.includes('"replay":true'))) {
    t.ok(texts.some((text) => text.includes(frame)))
  }
  const one = await read(suite, `?after=${start.body.next}&call=call-2`)
  t.match(one.body, { events: [{ call: 'call-2' }] })
  t.match(one.body.next, /:7$/)
  await socket.close()
})

t.test('who waits is answered when something comes, and only then', async (t) => {
  const suite = await build(t)
  const { next } = (await read(suite)).body
  const waiting = Array.from({ length: 3 }, () => read(suite, `?after=${next}&wait=30`))
  await read(suite, `?after=${next}&wait=1`)
  await append(suite, 1)
  for (const { body } of await Promise.all(waiting))
    t.match(body, { events: [{ seq: 1, prev: 0 }] })
})

t.test('the end of the process ends the waiting', async (t) => {
  const suite = await build(t)
  const waiting = read(suite, '?wait=30')
  await read(suite, '?wait=1')
  await suite.app.close()
  t.match(await waiting, { status: 200, body: { events: [] } })
})

t.test('a user waits so many times at once', async (t) => {
  const suite = await build(t, { environment: { MAX_SOCKETS_PER_USER: '1' } })
  const answers = await Promise.all([read(suite, '?wait=2'), read(suite, '?wait=2')])
  t.strictSame(
    answers.map(({ status }) => status).toSorted((one, two) => one - two),
    [200, 429],
  )
})

t.test('agents see what is theirs', async (t) => {
  const suite = await build(t)
  const { next } = (await read(suite)).body
  await append(suite, 2)
  const agent = { url: suite.url, token: await signToken(jwtSecret, { role: 'agent', sub: 'a1' }) }
  t.match(await read(agent, `?after=${next}`), { status: 200, body: { events: [], next: /:2$/ } })
  t.match(await read(agent, '?sub=calls'), { status: 400, body: { parameter: 'sub' } })
})

t.test('what cannot be continued is said with the reason', async (t) => {
  const suite = await build(t)
  await append(suite, 2)
  const { head } = (await read(suite)).body
  const epoch = head.split(':')[0]!
  t.match(await read(suite, '?after=nonsense'), {
    status: 400,
    body: { code: 'bad_cursor', parameter: 'after' },
  })
  t.match(await read(suite, '?after=other:1'), {
    status: 410,
    body: { code: 'resync', reason: 'epoch', oldest: 1, head },
  })
  t.match(await read(suite, `?after=${epoch}:99`), { status: 410, body: { reason: 'ahead' } })
  for (const [query, parameter] of [
    ['limit=501', 'limit'],
    ['limit=0', 'limit'],
    ['wait=31', 'wait'],
  ]) {
    t.match(await read(suite, `?${query}`), { status: 400, body: { parameter } })
  }
  t.match(await read({ ...suite, token: 'x' }), { status: 401, body: { code: 'auth_invalid' } })
})
