import { randomUUID } from 'node:crypto'
import { connect } from '../kit/client.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import type { Test } from 'tap'
import type { Shape } from '../kit/topology.ts'

/** Starts the suite with an empty store; it ends with the test. */
export type StartShape = (t: Test, environment?: Record<string, string>) => Promise<Shape>

/** The main job, whatever processes and engines do it. */
export function webhookToBrowser(t: Test, start: StartShape): void {
  t.test('a signed webhook becomes a frame', async (t) => {
    const { url, webhooks, token } = await start(t)
    const client = await connect(url, { token })
    t.equal((await client.next()).event, 'connected')
    const call = randomUUID()
    const sent = telnyxEvent({ call, payload: { caller_id_name: 'Jane Doe' } })
    const answer = await post(webhooks, sent)
    t.equal(answer.status, 200)
    t.strictSame(answer.body, { status: 'accepted', events: [`telnyx:${sent.id}`] })
    const frame = await client.next()
    t.match(frame, {
      event: 'call-initiated',
      seq: 1,
      prev: 0,
      id: `telnyx:${sent.id}`,
      call,
      data: {
        call: { id: call, provider: 'telnyx' },
        leg_id: `${call}-leg`,
        direction: 'inbound',
        from: '+12025550133',
        to: '+12025550131',
        state: { phase: 'initiated', held: false, reason: null },
        details: { caller_name: 'Jane Doe' },
      },
    })
    await client.close()
  })

  t.test('the lines of seed 001 work unchanged', async (t) => {
    const { url, token } = await start(t)
    const client = await connect(url, { token })
    client.say('{"type":"ping","data":{}}')
    const connected = await client.next()
    t.strictSame(Object.keys(connected), ['event', 'data'])
    t.strictSame(Object.keys(connected.data), ['clientId', 'user'])
    t.equal(connected.data['user'], 'test@example.com')
    t.match(connected.data['clientId'], /^test@example\.com-\d{13}$/)
    const pong = await client.next()
    t.strictSame(Object.keys(pong.data), ['timestamp'])
    t.equal(pong.event, 'pong')
    t.type(pong.data['timestamp'], 'number')
    await client.close()
  })

  t.test('fifty parallel copies of a delivery are one event', async (t) => {
    const { url, webhooks, token } = await start(t)
    const client = await connect(url, { token })
    await client.nextNamed('connected')
    const sent = telnyxEvent()
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(webhooks, sent)))
    t.ok(answers.every(({ status }) => status === 200))
    t.equal(answers.filter(({ body }) => body['status'] === 'accepted').length, 1)
    t.ok(answers.every(({ body }) => (body['events'] as string[])[0] === `telnyx:${sent.id}`))
    await post(webhooks, telnyxEvent({ type: 'call.answered' }))
    const [first, second] = await client.nextEvents(2)
    t.match(first, { event: 'call-initiated', seq: 1 })
    t.match(second, { event: 'call-answered', seq: 2, prev: 1 })
    await client.close()
  })

  t.test('a client resumes on another hub and gets each event once, in order', async (t) => {
    const { hubs, webhooks, token } = await start(t)
    const first = await connect(hubs[0]!, { token, modern: true })
    const connected = await first.next()
    const epoch = String(connected.data['head']).split(':')[0]
    await post(webhooks, telnyxEvent())
    await first.nextEvents(1)
    await first.close()
    for (let count = 0; count < 5; count += 1)
      await post(webhooks, telnyxEvent({ call: `c${count}` }))
    const second = await connect(hubs[1]!, { token, modern: true, cursor: `${epoch}:1` })
    const missed = await second.nextEvents(5)
    t.strictSame(
      missed.map(({ seq, prev, replay }) => [seq, prev, replay]),
      [2, 3, 4, 5, 6].map((seq) => [seq, seq - 1, true]),
    )
    t.match(await second.next(), { event: 'resumed', data: { from: 1, to: 6, count: 5 } })
    await post(webhooks, telnyxEvent({ call: 'live' }))
    t.match((await second.nextEvents(1))[0], { seq: 7, prev: 6, call: 'live' })
    await second.close()
  })

  t.test('live events never overtake a replay while a publisher runs', async (t) => {
    const { url, webhooks, token } = await start(t, { WS_RING_EVENTS: '3' })
    const watcher = await connect(url, { token, modern: true })
    const epoch = String((await watcher.next()).data['head']).split(':')[0]
    const total = 300
    const publishing = (async () => {
      for (let count = 0; count < total; count += 4) {
        await Promise.all(
          [0, 1, 2, 3].map(() => post(webhooks, telnyxEvent({ call: randomUUID() }))),
        )
      }
    })()
    const seen: number[] = []
    let position = 0
    while (position < total) {
      const client = await connect(url, { token, modern: true, cursor: `${epoch}:${position}` })
      // Each connection reads a little, then goes away in the middle of things.
      const wanted = Math.min(37, total - position)
      for (const frame of await client.nextEvents(wanted)) {
        t.equal(frame.prev, position, 'the chain holds')
        position = frame.seq!
        seen.push(position)
      }
      client.socket.terminate()
    }
    await publishing
    t.strictSame(
      seen,
      Array.from({ length: total }, (_, index) => index + 1),
    )
    await watcher.close()
  })

  t.test('/ws/call begins with the live calls', async (t) => {
    const { url, webhooks, token } = await start(t)
    await post(webhooks, telnyxEvent({ call: 'talking' }))
    await post(webhooks, telnyxEvent({ call: 'talking', type: 'call.answered' }))
    await post(webhooks, telnyxEvent({ call: 'over' }))
    await post(webhooks, telnyxEvent({ call: 'over', type: 'call.hangup' }))
    const client = await connect(url, { token, modern: true, path: '/ws/call' })
    t.equal((await client.next()).event, 'connected')
    const snapshot = await client.next()
    t.match(snapshot, {
      event: 'snapshot',
      data: {
        seq: 4,
        part: 1,
        last: true,
        calls: [{ id: 'talking', phase: 'answered' }],
        agents: [],
      },
    })
    t.match(await client.next(), { event: 'head', data: { seq: 4 } })
    await post(webhooks, telnyxEvent({ call: 'talking', type: 'call.hangup' }))
    t.match((await client.nextEvents(1))[0], { event: 'call-hangup', seq: 5, prev: 4 })
    await client.close()
  })

  t.test(
    'a cursor that cannot be continued gets resync and a snapshot, never a partial list',
    async (t) => {
      const { url, webhooks, token } = await start(t, { WS_REPLAY_EVENTS: '2' })
      for (let count = 0; count < 4; count += 1)
        await post(webhooks, telnyxEvent({ call: `c${count}` }))
      const head = async () => {
        const client = await connect(url, { token, modern: true })
        const { data } = await client.next()
        await client.close()
        return String(data['head'])
      }
      const epoch = (await head()).split(':')[0]
      for (const [cursor, reason] of [
        [`${epoch}:0`, 'too_many'],
        [`${epoch}:99`, 'ahead'],
        ['otherepoch:2', 'epoch'],
        ['nonsense', 'epoch'],
      ] as const) {
        const client = await connect(url, { token, modern: true, cursor })
        await client.next()
        t.match(await client.next(), { event: 'resync', data: { reason, head: `${epoch}:4` } })
        t.match(await client.next(), { event: 'snapshot', data: { seq: 4 } })
        await client.close()
      }
    },
  )
}
