import t from 'tap'
import { standardWebhooks } from '@switchhook/shared/providers/standard-webhooks'
import { build } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { post } from '../kit/sender.ts'
import { signedByLibrary } from '../kit/standard-webhooks.ts'

const path = '/webhooks/standard-webhooks'
const { simulator } = standardWebhooks
const { credential: secret } = simulator.newKeys()
const environment = { STANDARD_WEBHOOKS_SECRET: secret }
const signing = { signingKey: secret, url: '', settings: {} }
const secondsNow = (): number => Math.floor(Date.now() / 1000)

/** An event of a call as any sender with the library signs it. */
function signed(id: string, event: object, key = secret) {
  const at = Math.floor(Date.now() / 1000)
  const { headers, body } = signedByLibrary({ id, at, text: JSON.stringify(event), secret: key })
  return { headers: { ...(headers as Record<string, string>) }, body }
}

const answered = { type: 'call.answered', data: { call_id: 'c1', from: '+12025550133' } }

t.test('a delivery of any sender is accepted once and reaches the browser', async (t) => {
  const suite = await build(t, { environment })
  const client = await connect(suite.url, { token: suite.token })
  await client.nextNamed('connected')
  const sent = signed('msg_1', answered)
  const events = ['standard-webhooks:msg_1']
  t.match(await post(suite.url, sent, path), { status: 200, body: { status: 'accepted', events } })
  const [frame] = await client.nextEvents(1)
  t.match(frame, {
    event: 'call-answered',
    id: 'standard-webhooks:msg_1',
    call: 'c1',
    data: { from: '+12025550133', state: { phase: 'answered' }, raw_type: 'call.answered' },
  })
  t.match(await post(suite.url, sent, path), { status: 200, body: { status: 'duplicate', events } })
  const retry = signed('msg_1', { ...answered, timestamp: '2026-09-21T14:13:20Z' })
  t.match(await post(suite.url, retry, path), {
    status: 200,
    body: { status: 'duplicate', events },
  })
  await client.close()
})

t.test('what was changed, is stale or signed by another is refused with the reason', async (t) => {
  const suite = await build(t, { environment })
  const sent = signed('msg_1', answered)
  const stale = simulator.sign(sent.body, { ...signing, nowSeconds: secondsNow() - 302 })
  const { 'webhook-id': id, ...withoutId } = sent.headers
  const refused = [
    [{ ...sent, body: Buffer.from(sent.body.toString().replace('c1', 'c2')) }, 'bad_signature'],
    [{ ...sent, headers: { ...sent.headers, 'webhook-id': `${id}0` } }, 'bad_signature'],
    [signed('msg_1', answered, simulator.newKeys().credential), 'bad_signature'],
    [stale, 'timestamp_too_old'],
    [{ ...sent, headers: withoutId }, 'missing_header'],
    [{ ...sent, headers: { ...sent.headers, 'webhook-signature': 'v1,x' } }, 'malformed_header'],
  ] as const
  for (const [delivery, code] of refused) {
    t.match(await post(suite.url, delivery, path), { status: 401, body: { code } })
  }
  const unread = signed('msg_2', ['not', 'an', 'object'])
  t.match(await post(suite.url, unread, path), { status: 200, body: { status: 'quarantined' } })
})

t.test('the providers of one suite know nothing of each other', async (t) => {
  const suite = await build(t, { environment: { STANDARD_WEBHOOKS_SECRET: '' } })
  t.match(await post(suite.url, signed('msg_1', answered), path), {
    status: 503,
    body: { code: 'provider_not_configured', fix: /STANDARD_WEBHOOKS_SECRET/ },
  })
  const elsewhere = await post(suite.url, signed('msg_1', answered), '/webhooks/telnyx')
  t.match(elsewhere, { status: 401, body: { code: 'missing_header' } })
})

t.test('a simulated call goes from its first event to its last', async (t) => {
  const suite = await build(t, { environment })
  const client = await connect(suite.url, { token: suite.token })
  await client.nextNamed('connected')
  const startMs = Date.now() - 600_000
  const sample = simulator.sampleCall({ random: Math.random, startMs, full: true })
  for (const { content } of sample) {
    const delivery = simulator.sign(content, { ...signing, nowSeconds: secondsNow() })
    t.match(await post(suite.url, delivery, path), { body: { status: 'accepted' } })
  }
  const frames = await client.nextEvents(sample.length)
  t.notOk(frames.some(({ late }) => late))
  const phases = frames.map(({ data }) => data.state?.phase)
  t.strictSame([...new Set(phases)], ['initiated', 'answered', 'ended'])
  t.match(frames.at(-1), { event: 'call-cost', data: { direction: 'inbound' } })
  await client.close()
})

t.test('both secrets are accepted while one replaces the other', async (t) => {
  const next = simulator.newKeys().credential
  const suite = await build(t, { environment: { STANDARD_WEBHOOKS_SECRET: `${secret},${next}` } })
  for (const [id, key] of [
    ['msg_1', secret],
    ['msg_2', next],
  ] as const) {
    t.equal((await post(suite.url, signed(id, answered, key), path)).status, 200)
  }
})
