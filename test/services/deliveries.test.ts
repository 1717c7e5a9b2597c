import t, { type Test } from 'tap'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import { build, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { internal } from '../kit/internal.ts'
import { post, signBody, telnyxEvent } from '../kit/sender.ts'

interface Item {
  readonly id: string
  readonly status: string
  readonly reason: string | null
  readonly bytes: number
}

interface Items {
  readonly items: readonly Item[]
  readonly next: string | null
}

const span = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }

/** What Telnyx might send one day: signed, and without a name for what happened. */
async function unreadable({ url }: Suite, call: string): Promise<void> {
  const { body } = telnyxEvent({ call, payload: { from: '+12025550177' } })
  const text = body.toString().replace('"event_type"', '"kind"')
  const sent = { body: Buffer.from(text), headers: signBody(Buffer.from(text)) }
  const answer = await post(url, sent)
  if (answer.body['status'] !== 'quarantined') throw new Error('it can be read')
}

/** A version of the code that can read it. */
function fix(t: Test): void {
  const { normalise } = telnyx
  t.intercept(telnyx, 'normalise', {
    value: (delivery: Parameters<typeof normalise>[0], receivedAt: string) => {
      const text = delivery.body.toString().replace('"kind"', '"event_type"')
      return normalise({ ...delivery, body: Buffer.from(text) }, receivedAt)
    },
  })
}

async function list({ url }: Suite, query = ''): Promise<Items> {
  const { status, body } = await internal(url, `/deliveries${query}`)
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

t.test(
  'deliveries are listed page by page, the latest first, by status and provider',
  async (t) => {
    const suite = await build(t)
    for (let count = 0; count < 5; count += 1) await post(suite.url, telnyxEvent())
    await unreadable(suite, 'c1')
    const all = await list(suite)
    t.equal(all.items.length, 6)
    t.match(all.items[0], { status: 'quarantined', reason: /event_type is missing/ })
    t.equal(all.next, null)
    const ids: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`
      const page: Items = await list(suite, `?limit=4${after}`)
      ids.push(...page.items.map(({ id }) => id))
      next = page.next
    }
    t.strictSame(
      ids,
      all.items.map(({ id }) => id),
      'pages miss nothing and repeat nothing',
    )
    t.equal((await list(suite, '?status=quarantined')).items.length, 1)
    t.equal((await list(suite, '?status=accepted&provider=telnyx')).items.length, 5)
    t.equal((await list(suite, '?provider=vapi')).items.length, 0)
    for (const query of ['?limit=0', '?limit=201', '?status=lost', '?app=7']) {
      t.equal((await internal(suite.url, `/deliveries${query}`)).status, 400, query)
    }
  },
)

t.test('a delivery is shown masked, and in clear only with a line in the audit log', async (t) => {
  const suite = await build(t)
  const payload = {
    from: '+12025550177',
    transcription_text: 'my card number',
    url: 'https://x/y?sig=abc',
  }
  const sent = telnyxEvent({ payload })
  await post(suite.url, sent)
  const [item] = (await list(suite)).items
  const masked = await internal(suite.url, `/deliveries/${item!.id}`)
  const shown = JSON.stringify(masked.body)
  t.match(masked, {
    status: 200,
    body: { events: [`telnyx:${sent.id}`], request: { method: 'POST' } },
  })
  for (const secret of [
    '2025550177',
    'my card',
    'sig=abc',
    sent.headers['telnyx-signature-ed25519']!,
  ]) {
    t.notOk(shown.includes(secret), secret)
  }
  const clear = await internal(suite.url, `/deliveries/${item!.id}?unmasked=true`)
  t.match(clear.body, { request: { body: sent.body.toString() } })
  const { app } = suite
  const audit = await app.audit.list(app.directory.firstApp.id, 10)
  t.match(audit, [
    { action: 'delivery.revealed', target: item!.id, actor: 'internal', ip: '127.0.0.1' },
  ])
  const unknown = '/deliveries/00000000-0000-4000-8000-000000000000'
  t.match(await internal(suite.url, unknown), { status: 404, body: { code: 'delivery_not_found' } })
})

t.test(
  'what was quarantined joins the log after a fix, one at a time or all of a time',
  async (t) => {
    const suite = await build(t)
    const client = await connect(suite.url, { token: suite.token })
    await client.nextNamed('connected')
    await post(suite.url, telnyxEvent({ call: 'c0' }))
    for (const call of ['c1', 'c2', 'c3']) await unreadable(suite, call)
    await client.nextEvents(1)
    const { items } = await list(suite, '?status=quarantined')
    const first = items.at(-1)!
    const again = `/deliveries/${first.id}/replay`
    t.match(await internal(suite.url, again, { method: 'POST' }), {
      status: 200,
      body: { status: 'quarantined', events: [] },
    })
    fix(t)
    t.match(await internal(suite.url, again, { method: 'POST' }), {
      status: 200,
      body: { status: 'accepted', events: [String] },
    })
    t.match(await client.nextEvents(1), [{ seq: 2, call: 'c1' }], 'clients hear of it')
    t.match(await internal(suite.url, again, { method: 'POST' }), { body: { status: 'duplicate' } })
    t.match(await internal(suite.url, '/replay', { method: 'POST', body: span }), {
      status: 200,
      body: { deliveries: 4, accepted: 2, duplicate: 2, quarantined: 0, purged: 0, next: null },
    })
    const seqs = (await client.nextEvents(2)).map(({ seq }) => seq)
    t.strictSame(seqs, [3, 4], 'at the end, without a hole')
    t.strictSame((await list(suite, '?status=quarantined')).items, [])
    const { app } = suite
    const audit = await app.audit.list(app.directory.firstApp.id, 10)
    const actions = new Set(audit.map(({ action }) => action))
    t.ok(actions.has('delivery.replayed') && actions.has('deliveries.replayed'))
    await client.close()
  },
)

t.test('events of the past are handed out again to who asks, and to nobody else', async (t) => {
  const suite = await build(t)
  const client = await connect(suite.url, { token: suite.token })
  await client.nextNamed('connected')
  for (const call of ['c1', 'c2', 'c1']) await post(suite.url, telnyxEvent({ call }))
  const frames = await client.nextEvents(3)
  const query = new URLSearchParams({ ...span, call: 'c1' })
  const { body } = await internal(suite.url, `/replay?${query.toString()}`)
  t.match(body, {
    events: [
      { seq: 1, replay: true, id: frames[0]!.id },
      { seq: 3, replay: true, id: frames[2]!.id },
    ],
    next: null,
  })
  const empty = new URLSearchParams({ from: span.from, to: '2020-01-02T00:00:00Z' })
  t.match(await internal(suite.url, `/replay?${empty.toString()}`), {
    body: { events: [], next: null },
  })
  const backwards = new URLSearchParams({ from: span.to, to: span.from })
  t.equal((await internal(suite.url, `/replay?${backwards.toString()}`)).status, 400)
  const leap = { ...span, from: '2016-12-31T23:59:60Z' }
  const leapt = await internal(suite.url, '/replay', { method: 'POST', body: leap })
  t.match(leapt, { status: 400, body: { parameter: 'from' } })
  t.equal((await internal(suite.url, '/replay', { method: 'POST' })).status, 400, 'without a time')
  await post(suite.url, telnyxEvent({ call: 'c9' }))
  t.match(await client.nextEvents(1), [{ seq: 4, call: 'c9' }], 'live goes on in order')
  await client.close()
})

t.test('a replay begins where what is asked for began, or with the call', async (t) => {
  const dayMs = 86_400_000
  const nowMs = Date.now() - 10 * dayMs
  const suite = await build(t)
  const { journal } = suite.app
  for (const call of ['c1', 'c2']) await post(suite.url, telnyxEvent({ call }))
  await journal.setMilestones(new Date(nowMs).toISOString())
  for (const call of ['c1', 'c2']) await post(suite.url, telnyxEvent({ call }))
  const begins: number[] = []
  t.intercept(journal, 'read', {
    value: (_: string, after: number) => {
      begins.push(after)
      return Promise.resolve([])
    },
  })
  const from = (days: number) => new Date(nowMs + days * dayMs).toISOString()
  const ask = async (asked: Record<string, string>) => {
    const query = new URLSearchParams({ to: span.to, ...asked })
    return internal(suite.url, `/replay?${query.toString()}`)
  }
  await ask({ from: from(0.9) })
  await ask({ from: from(1.1) })
  await ask({ from: from(1.1), after: '1' })
  await ask({ from: from(1.1), after: '3' })
  t.strictSame(begins, [0, 2, 2, 3], 'a custom event may be told a day ahead')
  t.match(await ask({ ...span, call: 'c2' }), {
    body: { events: [{ seq: 2 }, { seq: 4 }], next: null },
  })
  t.match(await ask({ ...span, call: 'c2', after: '2' }), { body: { events: [{ seq: 4 }] } })
  t.match(await ask({ ...span, call: 'none' }), { body: { events: [], next: null } })
  t.equal((await ask({ ...span, after: '-1' })).status, 400)
  t.equal(begins.length, 4, 'a call has a list of its own')
})

t.test('a number is forgotten, and the log keeps its sequence', async (t) => {
  const suite = await build(t)
  const { app, url } = suite
  const id = app.directory.firstApp.id
  const forgotten = '+12025550177'
  const sent = [forgotten, '+12025550188', forgotten].map((from, index) =>
    telnyxEvent({ call: `c${index}`, payload: { from, caller_id_name: 'Jane' } }),
  )
  for (const one of sent) await post(url, one)
  const counts = await internal(url, '/deliveries/purge', {
    method: 'POST',
    body: { number: forgotten },
  })
  t.match(counts, { status: 200, body: { deliveries: 2, events: 2 } })
  const rows = await app.journal.read(id, 0, 10)
  t.strictSame(
    rows.map(({ seq }) => seq),
    [1, 2, 3],
  )
  t.notOk(JSON.stringify(rows).includes(forgotten))
  t.match(JSON.parse(rows[0]!.data), { from: null, purged: true })
  t.match(JSON.parse(rows[1]!.data), { from: '+12025550188' })
  const live = await app.journal.liveCalls(id, 10)
  t.notOk(JSON.stringify(live).includes(forgotten))
  t.match(await post(url, sent[0]!), { status: 200, body: { status: 'duplicate' } }, 'a retry')
  const audit = JSON.stringify(await app.audit.list(id, 10))
  t.match(audit, 'deliveries.purged')
  t.notOk(audit.includes(forgotten))
  const [, , gone] = (await list(suite)).items
  t.match(gone, { bytes: 0 })
  t.match(await internal(url, `/deliveries/${gone!.id}/replay`, { method: 'POST' }), {
    status: 410,
    body: { code: 'delivery_purged' },
  })
})

t.test(
  'a second meaning of one id is kept as a conflict and answered as a duplicate',
  async (t) => {
    const suite = await build(t)
    const first = telnyxEvent({ id: 'e1', at: '2026-09-21T14:13:20.000Z' })
    const retry = Buffer.from(
      first.body.toString().replace('{"data"', '{"meta":{"attempt":2},"data"'),
    )
    const other = telnyxEvent({ id: 'e1', at: '2026-09-21T14:13:20.000Z', type: 'call.hangup' })
    t.match(await post(suite.url, first), { body: { status: 'accepted' } })
    t.match(await post(suite.url, { body: retry, headers: signBody(retry) }), {
      body: { status: 'duplicate' },
    })
    t.strictSame((await list(suite, '?status=conflict')).items, [], 'a retry contradicts nothing')
    for (let copy = 0; copy < 2; copy += 1) {
      t.match(await post(suite.url, other), { status: 200, body: { status: 'duplicate' } })
    }
    t.equal((await list(suite, '?status=conflict')).items.length, 1, 'kept once')
    const { app } = suite
    t.equal((await app.journal.read(app.directory.firstApp.id, 0, 10)).length, 1)
    const metrics = await (await fetch(new URL('/metrics', suite.url))).text()
    t.match(metrics, 'switchhook_ingest_conflicts_total{provider="telnyx"} 1')
  },
)
