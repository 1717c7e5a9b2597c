import t from 'tap'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { signToken } from '../kit/token.ts'
import type { CallEvent } from '@switchhook/shared/events'
import type { CallRecord } from '@switchhook/shared/projections'
import type { NewMapping } from '@switchhook/shared/mappings'

interface Answer {
  readonly status: number
  readonly cursor: string | null
  readonly text: string
  readonly body: {
    readonly items: CallRecord[]
    readonly next: string | null
    readonly code?: string
    readonly parameter?: string
    readonly id: string
    readonly voicemails: string[]
    readonly timeline: { seq: number; prev: number; event: string }[]
    readonly timeline_truncated: boolean
  }
}

async function ask(suite: Suite, path: string, token = suite.token): Promise<Answer> {
  const response = await fetch(`${suite.url}/api/calls${path}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await response.text()
  const cursor = response.headers.get('x-switchhook-cursor')
  return { status: response.status, cursor, text, body: JSON.parse(text) as Answer['body'] }
}

const idsOf = ({ body }: Answer): string[] => body.items.map(({ id }) => id)

/** Commits and announces events, each a delivery. */
async function append({ app }: Suite, ...events: Partial<CallEvent>[]): Promise<void> {
  const { id } = app.directory.firstApp
  const batch = events.map((event) => sampleDelivery(id, [sampleEvent({ legId: null, ...event })]))
  for (const appended of await app.journal.append(batch)) {
    if (appended.status === 'accepted') app.bus.publish(id, appended.rows)
  }
}

const agentOf = (id: string) => ({ id, email: `${id}@example.com`, name: null })
const ended = { type: 'call.hangup', details: { cause: 'normal' } } as const

const mapped = (options: Pick<NewMapping, 'kind' | 'value' | 'sub'>): NewMapping => ({
  provider: options.kind === 'provider_user' ? 'telnyx' : null,
  team: null,
  ...options,
})

t.test('a supervisor lists the calls of the app, newest first, page by page', async (t) => {
  const suite = await build(t)
  await append(suite, ...['a', 'b', 'c', 'd', 'e'].map((callId) => ({ callId })))
  await append(suite, { callId: 'b', ...ended })
  t.strictSame(idsOf(await ask(suite, '')), ['e', 'd', 'c', 'b', 'a'])
  const first = await ask(suite, '?limit=3')
  t.strictSame(idsOf(first), ['e', 'd', 'c'])
  await append(suite, { callId: 'f' })
  const second = await ask(suite, `?limit=3&cursor=${first.body.next}`)
  t.strictSame([idsOf(second), second.body.next], [['b', 'a'], null])
  t.equal(second.cursor, null, 'who does not ask for live calls has nothing to go on from')
  const [call] = second.body.items
  t.match(call, { id: 'b', phase: 'ended', reason: 'normal', provider: 'telnyx', queue: null })
  const live = suite.app.journal.liveCalls(suite.app.directory.firstApp.id, 10)
  t.strictSame((await ask(suite, '?state=live')).body.items, (await live).calls.toReversed())
  t.strictSame(idsOf(await ask(suite, '?state=ended')), ['b'])
})

t.test('every parameter narrows, and together they all hold', async (t) => {
  const suite = await build(t)
  await append(
    suite,
    { callId: 'a', time: '2026-03-01T10:00:00.000Z', from: '+15550001', to: '+15550009' },
    { callId: 'b', time: '2026-03-01T11:00:00.000Z', provider: 'twilio', agent: agentOf('ann') },
    { callId: 'c', time: '2026-03-01T12:00:00.000Z', direction: 'outbound', to: '+15550001' },
    { callId: 'd', time: '2026-02-01T12:00:00.000Z', to: 'sip:1001@PBX.example;transport=ws' },
  )
  const cases: Record<string, string[]> = {
    'number=%2B15550001': ['c', 'a'],
    'number=+15550001': ['c', 'a'],
    'number=15550001': ['c', 'a'],
    'number=%2B1%20(555)%200001': ['c', 'a'],
    'number=5550001': [],
    'number=1001': ['d'],
    'number=sip:1001@pbx.example': ['d'],
    'number=SIPS:1001@pbx.example;transport=tcp': ['d'],
    'number=1001@other.example': [],
    'agent=ann': ['b'],
    'agent=ANN@example.com': ['b'],
    'provider=twilio': ['b'],
    'provider=plivo': [],
    'direction=outbound': ['c'],
    'from=9999-12-31T23:59:59-14:00': [],
    'to=9999-12-31T23:59:59-14:00': ['c', 'b', 'a', 'd'],
    'from=0000-01-01T00:00:00%2B14:00&number=1001': ['d'],
    'to=0000-01-01T00:00:00%2B14:00': [],
    'from=2026-03-01T11:00:00Z': ['c', 'b'],
    'to=2026-03-01T11:00:00Z': ['a', 'd'],
    'from=2026-03-01T12:30:00%2B01:00&to=2026-03-01T13:30:00%2B01:00': ['c'],
    'number=15550001&direction=inbound&provider=telnyx&state=live': ['a'],
    'number=15550001&agent=ann': [],
  }
  for (const [query, ids] of Object.entries(cases)) {
    t.strictSame(idsOf(await ask(suite, `?${query}`)), ids, query)
  }
})

t.test('a parameter that says nothing sensible is refused by its name', async (t) => {
  const suite = await build(t)
  const cases = {
    state: 'over',
    from: 'yesterday',
    to: '2026-02-30T00:00:00Z',
    number: '%00',
    agent: '',
    provider: 'acme',
    direction: 'sideways',
    limit: '201',
    cursor: 'bm9uc2Vuc2U',
  }
  for (const [parameter, value] of Object.entries(cases)) {
    const { status, body } = await ask(suite, `?${parameter}=${value}`)
    t.match({ status, body }, { status: 400, body: { code: 'invalid_parameter', parameter } })
  }
  t.equal(
    (await ask(suite, '?numbr=1')).status,
    400,
    'a filter that is misspelt is not taken for none',
  )
  await append(suite, { callId: 'a' })
  for (const place of ['x', '[-1]', '[1e300]', '[9223372036854775808]']) {
    const cursor = Buffer.from(place).toString('base64url')
    t.match(await ask(suite, `/a/events?cursor=${cursor}`), {
      status: 400,
      body: { parameter: 'cursor' },
    })
  }
})

t.test('a socket that goes on after the live calls misses nothing', async (t) => {
  const suite = await build(t)
  await append(suite, { callId: 'a' }, { callId: 'b' }, { callId: 'c' })
  const first = await ask(suite, '?state=live&limit=2')
  t.match(first.cursor, /^\w+:3$/)
  await append(suite, { callId: 'd' }, { callId: 'a', type: 'call.answered' })
  const second = await ask(suite, `?state=live&limit=2&cursor=${first.body.next}`)
  t.strictSame([idsOf(first), idsOf(second)], [['c', 'b'], ['a']])
  t.equal(second.cursor, first.cursor, 'all pages say that of the first one')
  const options = { token: suite.token, modern: true, cursor: first.cursor! }
  const socket = await connect(suite.url, options)
  t.match(await socket.nextNamed('call-initiated'), { seq: 4, call: 'd' })
  t.match(await socket.nextNamed('call-answered'), { seq: 5, call: 'a' })
  await socket.close()
})

t.test('an agent sees its own calls and no others, whatever it asks', async (t) => {
  const suite = await build(t)
  const { id: app } = suite.app.directory.firstApp
  await suite.app.mappings.put(app, [
    mapped({ kind: 'provider_user', value: 'ann', sub: 'u-ann' }),
    mapped({ kind: 'phone_number', value: '+15550001', sub: 'u-ann' }),
    mapped({ kind: 'sip_user', value: '1001', sub: 'u-ann' }),
    mapped({ kind: 'provider_user', value: 'bob', sub: 'u-bob' }),
  ])
  await append(
    suite,
    { callId: 'named', agent: agentOf('ann') },
    { callId: 'number', from: '+15550001' },
    { callId: 'sip', to: 'sip:1001@pbx.example' },
    { callId: 'bobs', from: '+15550001', agent: agentOf('bob') },
    { callId: 'theirs', agent: agentOf('ann'), provider: 'twilio' },
  )
  const [ann, bob, none] = await Promise.all(
    ['u-ann', 'u-bob', 'u-none'].map((sub) => signToken(jwtSecret, { sub, role: 'agent' })),
  )
  t.strictSame(idsOf(await ask(suite, '', ann)), ['sip', 'number', 'named'])
  t.strictSame(idsOf(await ask(suite, '?state=live', bob)), ['bobs'])
  t.strictSame(idsOf(await ask(suite, '?number=15550001', ann)), ['number'])
  t.strictSame(idsOf(await ask(suite, '?agent=ann', bob)), [])
  t.strictSame(idsOf(await ask(suite, '', none)), [])
  t.strictSame(idsOf(await ask(suite, '?agent=u-ann')), ['sip', 'number', 'named'])
  t.strictSame(idsOf(await ask(suite, '?agent=ann')), ['theirs', 'named'])
  const statuses = async (token: string | undefined): Promise<number[]> => {
    const paths = ['/named', '/bobs', '/theirs', '/named/events', '/bobs/events', '/absent']
    const answers = await Promise.all(paths.map((path) => ask(suite, path, token)))
    return answers.map(({ status }) => status)
  }
  t.strictSame(await statuses(ann), [200, 404, 404, 200, 404, 404])
  t.strictSame(await statuses(bob), [404, 200, 404, 404, 200, 404])
  const [foreign, absent] = await Promise.all(
    ['bobs', 'absent'].map(async (id) => (await ask(suite, `/${id}`, ann)).body),
  )
  t.match(foreign, { code: 'call_not_found', parameter: 'id' })
  t.equal(foreign!.code, absent!.code)
})

t.test('a call is found by any of its ids, with its events as sockets are told them', async (t) => {
  const suite = await build(t)
  const long = `call/${'ü'.repeat(100)}?${'x'.repeat(400)}`
  await append(suite, { callId: long, joins: ['alias'] }, { callId: 'other' })
  await append(suite, { callId: long, ...ended, details: { cause: 'busy', queue: 'sales' } })
  const answer = await ask(suite, `/${encodeURIComponent(long)}`)
  t.match(answer, {
    status: 200,
    body: { id: long, phase: 'ended', queue: 'sales', timeline_truncated: false },
  })
  t.strictSame(
    answer.body.timeline.map(({ event, seq, prev }) => [event, seq, prev]),
    [
      ['call-initiated', 1, 0],
      ['call-hangup', 3, 1],
    ],
  )
  t.strictSame((await ask(suite, '/alias')).body, answer.body)
  const first = await ask(suite, '/alias/events?limit=1')
  const second = await ask(suite, `/alias/events?limit=1&cursor=${first.body.next}`)
  t.strictSame([...first.body.items, ...second.body.items], answer.body.timeline)
  t.equal(second.body.next, null)
  t.equal((await ask(suite, `/${'x'.repeat(513)}`)).status, 400)
  t.equal((await ask(suite, '/%00')).status, 400)
  const frames = await fetch(`${suite.url}/api/events?after=${epochOf(suite)}:0&call=other`, {
    headers: { authorization: `Bearer ${suite.token}` },
  })
  const { events } = (await frames.json()) as { events: object[] }
  const [own] = (await ask(suite, '/other')).body.timeline
  t.strictSame({ ...events[0], prev: 0 }, own, 'frame for frame the same')
})

function epochOf({ app }: Suite): string {
  return app.journal.epoch
}

t.test(
  'of a long call the newest thousand events are shown, and the others are read',
  async (t) => {
    const suite = await build(t)
    await append(suite, ...Array.from({ length: 1_005 }, () => ({ callId: 'a' })))
    const { body } = await ask(suite, '/a')
    t.equal(body.timeline.length, 1_000)
    t.match(body, { timeline_truncated: true })
    t.equal(body.timeline.at(-1)!.seq, 1_005)
    const first = await ask(suite, '/a/events?limit=5')
    t.equal((first.body.items as unknown as { seq: number }[])[0]!.seq, 1)
  },
)

t.test('a call tells the voicemails that were left in it', async (t) => {
  const suite = await build(t)
  const left = { type: 'voicemail.received', callId: 'a' } as const
  await append(
    suite,
    { callId: 'a', joins: ['alias'] },
    { ...left, details: { url: 'https://v.test/1' } },
    { ...left, details: { url: 'https://v.test/2' } },
    { callId: 'b' },
  )
  const headers = { authorization: `Bearer ${suite.token}` }
  const response = await fetch(`${suite.url}/api/voicemails?call=alias`, { headers })
  const { items } = (await response.json()) as { items: { id: string }[] }
  const { body } = await ask(suite, '/alias')
  t.strictSame(body.voicemails, items.map(({ id }) => id).toReversed())
  t.equal(body.voicemails.length, 2)
  t.strictSame((await ask(suite, '/b')).body.voicemails, [])
  t.notOk('voicemails' in (await ask(suite, '?state=live')).body.items[0]!, 'a list does not')
})

t.test("another app's calls are nobody's business", async (t) => {
  const suite = await build(t)
  await append(suite, { callId: 'a' })
  const app = '11111111-2222-4333-8444-555555555555'
  const token = await signToken(jwtSecret, { app })
  t.ok([401, 403, 404].includes((await ask(suite, '/a', token)).status))
  t.equal((await fetch(`${suite.url}/api/calls`)).status, 401)
})
