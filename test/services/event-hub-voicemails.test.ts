import t from 'tap'
import { dialpad } from '@switchhook/shared/providers/dialpad'
import { build, jwtSecret, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { send, type Answer } from '../kit/sender.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import type { CallEvent } from '@switchhook/shared/events'
import type { Test } from 'tap'

interface Voicemail {
  readonly id: string
  readonly heard: boolean
  readonly [field: string]: unknown
}

const keys = dialpad.simulator.newKeys()
const start = (t: Test): Promise<Suite> =>
  build(t, { environment: { [dialpad.credentialName]: keys.credential } })

const receivedMs = Date.now() - 60_000
const link = 'https://dialpad.test/v/1.mp3'
/** What Dialpad says of a voicemail without a call. */
const payload = (state: string, more: object = {}) => ({
  call_id: null,
  direction: 'inbound',
  external_number: '+12025550133',
  internal_number: '+12025550131',
  target: { id: '5171365938069504', type: 'user', email: 'alex@example.com', name: 'Alex' },
  contact: { phone: '+12025550133', name: 'Jane' },
  event_timestamp: receivedMs,
  state,
  voicemail_link: link,
  ...more,
})

function tell({ url }: Suite, said: object): Promise<Answer> {
  const target = new URL('/webhooks/dialpad', url)
  const nowSeconds = Math.floor(Date.now() / 1_000)
  const { signingKey } = keys
  const body = Buffer.from(JSON.stringify(said))
  const signed = dialpad.simulator.sign(body, {
    signingKey,
    nowSeconds,
    url: target.href,
    settings: {},
  })
  return send(target, signed)
}

async function leave({ app }: Suite, ...events: Partial<CallEvent>[]): Promise<void> {
  const { id } = app.directory.firstApp
  const nothing = { type: 'voicemail.received', callId: null, legId: null } as const
  const batch = events.map((one) => sampleDelivery(id, [sampleEvent({ ...nothing, ...one })]))
  for (const appended of await app.journal.append(batch)) {
    if (appended.status === 'accepted') app.bus.publish(id, appended.rows)
  }
}

async function ask({ url, token }: Pick<Suite, 'url' | 'token'>, path = '', body?: unknown) {
  const response = await fetch(`${url}/api/voicemails${path}`, {
    method: body === undefined ? 'GET' : 'PATCH',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  return { status: response.status, body: (await response.json()) as never }
}

async function list(suite: Pick<Suite, 'url' | 'token'>, query = '') {
  const { status, body } = await ask(suite, query)
  const page = body as { items: Voicemail[]; next: string | null }
  if (status !== 200) throw new Error(JSON.stringify(body))
  return page
}

t.test('retries and late words are one voicemail, which stays heard', async (t) => {
  const suite = await start(t)
  t.equal((await tell(suite, payload('voicemail'))).body['status'], 'accepted')
  t.equal((await tell(suite, payload('voicemail'))).body['status'], 'duplicate')
  const signed = { voicemail_link: `${link}?Expires=4102444800&Signature=x`, duration: 14_000.5 }
  await tell(suite, payload('voicemail_uploaded', { ...signed, event_timestamp: receivedMs + 1 }))
  const [first, ...others] = (await list(suite)).items
  t.strictSame(others, [])
  t.strictSame(first, {
    id: first!.id,
    call: null,
    linked: false,
    from: '+12025550133',
    to: '+12025550131',
    provider: 'dialpad',
    agent: { id: '5171365938069504', email: 'alex@example.com', name: 'Alex' },
    received_at: new Date(receivedMs).toISOString(),
    duration_ms: 14_001,
    recording: {
      url: `${link}?Expires=4102444800&Signature=x`,
      expires_at: '2100-01-01T00:00:00.000Z',
    },
    transcript: null,
    heard: false,
    heard_at: null,
    heard_by: null,
  })
  const marked = await ask(suite, `/${first!.id}`, { heard: true })
  t.match(marked, { status: 200, body: { ...first, heard: true, heard_at: /Z$/, heard_by: 'u1' } })
  const late = { transcription_text: 'call me', event_timestamp: receivedMs + 5 }
  await tell(suite, payload('transcription', late))
  await tell(suite, payload('voicemail'))
  const { items } = await list(suite, '?heard=true')
  t.match(items, [{ id: first!.id, heard: true, transcript: 'call me' }])
  t.strictSame((await list(suite, '?heard=false')).items, [])
  t.strictSame((await ask(suite, `/${first!.id.toUpperCase()}`)).body, items[0])
})

t.test('every client is told that it was heard, once, also one that comes back', async (t) => {
  const suite = await start(t)
  const client = await connect(suite.url, { token: suite.token, modern: true })
  await client.nextNamed('connected')
  await tell(suite, payload('voicemail'))
  const [left] = await client.nextEvents(1)
  const id = left!.data['voicemail'] as string
  t.equal(id, (await list(suite)).items[0]?.id)
  const mailbox = await connect(suite.url, { token: suite.token, modern: true })
  await mailbox.nextNamed('connected')
  await mailbox.ask('unsubscribe', { channels: ['calls'] })
  await mailbox.ask('subscribe', { channels: ['voicemail'] })
  const marks = await Promise.all(
    Array.from({ length: 20 }, () => ask(suite, `/${id}`, { heard: true })),
  )
  for (const { status, body } of marks)
    t.match({ status, body }, { status: 200, body: { heard: true } })
  const said = { voicemail: id, heard: true, by: 'u1' }
  for (const one of [client, mailbox]) {
    const [frame] = await one.nextEvents(1)
    t.match(frame, {
      event: 'voicemail-heard',
      seq: 2,
      call: null,
      data: { voicemail: id, details: said },
    })
  }
  t.match((await ask(suite, `/${id}`, { heard: false })).body, { heard: false, heard_by: null })
  t.match((await ask(suite, `/${id}`, { heard: true })).body, { heard: true })
  t.match(await client.nextEvents(2), [
    { seq: 3, data: { details: { heard: false } } },
    { seq: 4, data: { details: { heard: true } } },
  ])
  const back = await connect(suite.url, {
    token: suite.token,
    modern: true,
    cursor: `${suite.app.journal.epoch}:1`,
  })
  t.match(await back.nextEvents(3), [{ seq: 2, replay: true }, { seq: 3 }, { seq: 4 }])
})

t.test('agents see and mark those for them; others do not know that there is one', async (t) => {
  const suite = await start(t)
  const { app } = suite
  const user = { provider: 'dialpad', value: 'alex@example.com', sub: 'alex', team: null }
  await app.mappings.put(app.directory.firstApp.id, [
    { kind: 'provider_user', ...user },
    { kind: 'phone_number', provider: null, value: '+12025550131', sub: 'zoe', team: null },
  ])
  const agent = async (sub: string) => ({
    url: suite.url,
    token: await signToken(jwtSecret, { sub, role: 'agent' }),
  })
  const [alex, zoe, bob] = [await agent('alex'), await agent('zoe'), await agent('bob')]
  const live = await connect(suite.url, { token: alex.token, modern: true })
  await live.nextNamed('connected')
  await tell(suite, payload('voicemail'))
  await leave(suite, { details: { url: 'https://v.test/2' }, to: '+12025550131' })
  const [mine] = (await list(alex)).items
  t.match(await list(alex), { items: [{ agent: { email: 'alex@example.com' } }], next: null })
  const [hers, ...rest] = (await list(zoe)).items
  t.match(hers, { agent: null, to: '+12025550131' }, 'a mapped agent goes before a number')
  t.strictSame([rest, (await list(bob)).items], [[], []])
  t.equal((await list(suite)).items.length, 2)
  t.equal((await list(suite, '?agent=alex')).items[0]?.id, mine!.id)
  t.equal((await list(suite, '?agent=ALEX@example.com')).items[0]?.id, mine!.id)
  t.equal((await list(suite, '?agent=zoe')).items[0]?.id, hers!.id)
  t.strictSame((await list(zoe, '?agent=alex')).items, [])
  const foreign = await ask(zoe, `/${mine!.id}`, { heard: true })
  t.match(foreign, { status: 404, body: { code: 'voicemail_not_found', parameter: 'id' } })
  t.equal((await ask(bob, `/${mine!.id}`)).status, 404)
  t.match(await ask(alex, `/${mine!.id}`, { heard: true }), {
    body: { heard: true, heard_by: 'alex' },
  })
  t.match(await live.nextEvents(2), [{ event: 'voicemail-received' }, { event: 'voicemail-heard' }])
  t.match((await list(suite, '?heard=true')).items, [{ id: mine!.id }])
})

t.test('a link that has ended is told as ended', async (t) => {
  const suite = await start(t)
  const hour = 'X-Amz-Date=20260921T141912Z&X-Amz-Expires=3600'
  const links = {
    [`https://v.test/1?${hour}&X-Amz-Signature=x`]: '2026-09-21T15:19:12.000Z',
    'https://v.test/2?se=2026-09-21T15%3A00%3A00Z&sig=x': '2026-09-21T15:00:00.000Z',
    'https://v.test/3?X-Goog-Date=20991231T000000Z&X-Goog-Expires=1': '2099-12-31T00:00:01.000Z',
    'https://v.test/4?expires=1790003952': '2026-09-21T15:19:12.000Z',
    'https://v.test/5?expires=soon': null,
    'https://v.test/6': null,
    'https://v.test/7?X-Amz-Date=99999999T999999Z&X-Amz-Expires=999999999': 'any',
  }
  const all = Object.keys(links)
  await leave(suite, ...all.map((url) => ({ details: { url } })))
  const { items } = await list(suite)
  t.equal(items.length, all.length)
  const told = new Map(items.toReversed().map(({ recording }, index) => [all[index], recording]))
  for (const [url, end] of Object.entries(links)) {
    const recording = told.get(url) as { url: string | null; expires_at: string | null }
    if (end !== 'any') t.equal(recording.expires_at, end, url)
    const ended = end !== null && end !== 'any' && end < '2026-10'
    if (end !== 'any') t.equal(recording.url, ended ? null : url)
  }
})

t.test('pages go on where they stopped, whatever comes meanwhile', async (t) => {
  const suite = await start(t)
  const at = (second: number) => new Date(Date.UTC(2026, 8, 21, 14, 0, second)).toISOString()
  const voicemail = (index: number, second = index) => ({
    details: { url: `https://v.test/${index}` },
    time: at(second),
  })
  await leave(suite, ...Array.from({ length: 25 }, (_, index) => voicemail(index, index >> 1)))
  const seen: string[] = []
  for (let query = '?limit=4'; ;) {
    const { items, next } = await list(suite, query)
    seen.push(...items.map(({ id }) => id))
    await leave(suite, voicemail(100 + seen.length, 50))
    if (next === null) break
    query = `?limit=4&cursor=${next}`
  }
  t.equal(seen.length, 25)
  t.equal(new Set(seen).size, 25)
  t.equal((await list(suite, `?from=${at(3)}&to=${at(5)}`)).items.length, 4)
  t.equal((await list(suite, '?number=%2B12025550131&limit=200')).items.length, 32)
  t.equal((await list(suite, '?number=+12025550131&limit=1')).items.length, 1)
  t.equal((await list(suite, '?number=12025550199')).items.length, 0)
})

t.test('one in a call, or of a missed one, is found by it', async (t) => {
  const suite = await start(t)
  const time = '2026-09-21T14:10:00.000Z'
  const missed = { type: 'call.missed', callId: 'm', legId: 'm', time, joins: ['m2'] } as const
  await leave(suite, missed, {
    details: { url: 'https://v.test/1' },
    time: '2026-09-21T14:11:00.000Z',
  })
  await leave(suite, { details: { url: 'https://v.test/2' }, callId: 'own', time })
  t.match(await list(suite, '?call=m2'), { items: [{ call: 'm', linked: true }] })
  t.match(await list(suite, '?call=own'), { items: [{ call: 'own', linked: false }] })
  t.match(await list(suite, '?call=none'), { items: [], next: null })
  const id = (await list(suite, '?call=own')).items[0]!.id
  const client = await connect(suite.url, { token: suite.token, modern: true })
  await client.nextNamed('connected')
  await ask(suite, `/${id}`, { heard: true })
  t.match(await client.nextEvents(1), [
    { event: 'voicemail-heard', call: 'own', data: { state: null } },
  ])
})

t.test('whatever is not as it is written is refused by its name', async (t) => {
  const suite = await start(t)
  await tell(suite, payload('voicemail'))
  const [{ id }] = (await list(suite)).items as [Voicemail]
  const wrong: [path: string, body: unknown, parameter: string][] = [
    ['/abc', undefined, 'id'],
    ['/abc', { heard: true }, 'id'],
    [`/${id}`, {}, ''],
    [`/${id}`, { heard: 'yes' }, 'heard'],
    [`/${id}`, { heard: true, more: 1 }, ''],
    ['?heard=maybe', undefined, 'heard'],
    ['?limit=0', undefined, 'limit'],
    ['?limit=201', undefined, 'limit'],
    ['?cursor=abc', undefined, 'cursor'],
    [`?cursor=${Buffer.from('["a","b"]').toString('base64url')}`, undefined, 'cursor'],
    ['?from=today', undefined, 'from'],
    ['?number=%00', undefined, 'number'],
    ['?agent=', undefined, 'agent'],
    ['?unheard=true', undefined, ''],
  ]
  for (const [path, body, parameter] of wrong) {
    const answer = await ask(suite, path, body)
    t.match(answer, { status: 400, body: { ...(parameter && { parameter }) } }, path)
  }
  const none = '00000000-0000-8000-8000-000000000000'
  t.match(await ask(suite, `/${none}`), { status: 404, body: { code: 'voicemail_not_found' } })
  await until(async () => (await list(suite)).items.length === 1)
})
