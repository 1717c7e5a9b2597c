import t from 'tap'
import { build, temporaryDir } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { internal } from '../kit/internal.ts'
import { post, signBody, telnyxEvent, telnyxKeys } from '../kit/sender.ts'
import { until } from '../kit/until.ts'

const hourMs = 3_600_000

/** The same body, signed when somebody else's clock says. */
function resigned(body: Buffer, nowMs: number): { headers: Record<string, string> } {
  return { headers: signBody(body, telnyxKeys.privateKey, nowMs) }
}

t.test(
  'a call of which nothing is heard ends as stale, and its true end corrects that',
  async (t) => {
    const dataDir = temporaryDir(t)
    const before = await build(t, { dataDir })
    await post(before.url, telnyxEvent({ call: 'c1' }))
    const answered = new Date()
    await post(
      before.url,
      telnyxEvent({ call: 'c1', type: 'call.answered', at: answered.toISOString() }),
    )
    await before.app.close()
    const later = Date.now() + 5 * hourMs
    const { url, app, token } = await build(t, {
      dataDir,
      now: () => later,
      environment: { STALE_CALL_HOURS: '4' },
    })
    const id = app.directory.firstApp.id
    await until(async () => (await app.journal.heads([id])).get(id) === 3)
    const [made] = await app.journal.read(id, 2, 1)
    t.match(made, { type: 'call.hangup', call: 'c1', late: false })
    t.match(JSON.parse(made!.data), {
      state: { phase: 'ended', reason: 'stale' },
      details: { synthetic: true },
      raw_type: 'stale',
    })
    t.strictSame((await app.journal.liveCalls(id, 10)).calls, [])
    const client = await connect(url, { token })
    await client.nextNamed('connected')
    const at = new Date(answered.getTime() + 60_000).toISOString()
    const end = telnyxEvent({
      call: 'c1',
      type: 'call.hangup',
      at,
      payload: { hangup_cause: 'normal_clearing' },
    })
    const signedLater = { ...end, ...resigned(end.body, later) }
    t.match(await post(url, signedLater), { status: 200 })
    t.match(await client.nextEvents(1), [
      { event: 'call-hangup', data: { state: { phase: 'ended', reason: 'normal_clearing' } } },
    ])
    await client.close()
  },
)

t.test('old raw deliveries go, their events and the memory of them stay', async (t) => {
  const dataDir = temporaryDir(t)
  const before = await build(t, { dataDir })
  const sent = telnyxEvent()
  await post(before.url, sent)
  await before.app.close()
  const later = Date.now() + 29 * 24 * hourMs
  const { url, app } = await build(t, {
    dataDir,
    now: () => later,
    environment: { STALE_CALL_HOURS: '0' },
  })
  const purged = async (): Promise<number> => {
    const { body } = await internal(url, '/deliveries?status=purged')
    return (body as { items: unknown[] }).items.length
  }
  await until(async () => (await purged()) === 1)
  const retry = { ...sent, ...resigned(sent.body, later) }
  t.match(
    await post(url, retry),
    { status: 200, body: { status: 'duplicate' } },
    'four weeks later',
  )
  t.equal((await app.journal.read(app.directory.firstApp.id, 0, 10)).length, 1)
})

t.test('old events go and their calls, and a client from before them is told so', async (t) => {
  const dataDir = temporaryDir(t)
  const before = await build(t, { dataDir })
  const client = await connect(before.url, { token: before.token, modern: true })
  const { data } = await client.nextNamed('connected')
  await post(before.url, telnyxEvent({ call: 'c1' }))
  await post(before.url, telnyxEvent({ call: 'c1', type: 'call.hangup' }))
  await client.nextEvents(2)
  await client.close()
  await before.app.close()
  const later = Date.now() + 31 * 24 * hourMs
  const { url, app, token } = await build(t, { dataDir, now: () => later })
  const id = app.directory.firstApp.id
  await until(async () => (await app.journal.read(id, 0, 10)).length === 0)
  t.equal((await app.journal.heads([id])).get(id), 2)
  await until(async () => (await app.journal.resolveCall(id, 'c1')) === undefined)
  const metrics = async () => (await fetch(new URL('/metrics', url))).text()
  await until(async () =>
    /retention_finished_timestamp_seconds\{[^}]*kind="events"/.test(await metrics()),
  )
  t.match(await metrics(), /retention_removed_total\{[^}]*kind="events"[^}]*\} 2/)
  t.match(await metrics(), /retention_removed_total\{[^}]*kind="calls"[^}]*\} 1/)
  for (const seq of [0, 1]) {
    const cursor = `${String(data['head']).split(':')[0]}:${seq}`
    const back = await connect(url, { token, modern: true, cursor })
    t.match(await back.nextNamed('resync'), { data: { reason: 'too_old', oldest: 3 } })
    await back.close()
  }
})

t.test(
  'a wrong clock and a silent provider show in health, and do not make it unready',
  async (t) => {
    let clock = Date.now()
    const environment = { PROVIDER_SILENCE_MINUTES: '60' }
    const { url } = await build(t, { now: () => clock, environment })
    const health = async () => (await (await fetch(new URL('/health', url))).json()) as object
    clock += 150_000
    t.equal((await post(url, telnyxEvent())).status, 200)
    t.match(await health(), {
      status: 'degraded',
      checks: {
        clock: { status: 'failed', reason: /1[45]\d s ahead/ },
        providers: { status: 'ok' },
      },
    })
    const metrics = await (await fetch(new URL('/metrics', url))).text()
    t.match(metrics, /switchhook_ingest_clock_skew_seconds 1[45]\d/)
    t.equal((await fetch(new URL('/readyz', url))).status, 200)
    clock += 2 * hourMs
    t.match(await health(), { checks: { providers: { status: 'failed', reason: /telnyx since/ } } })
    t.equal((await fetch(new URL('/readyz', url))).status, 200)
  },
)

t.test('how far the log goes is noted, from the start on', async (t) => {
  const dataDir = temporaryDir(t)
  const before = await build(t, { dataDir })
  await post(before.url, telnyxEvent())
  await before.app.close()
  const { app } = await build(t, { dataDir })
  const { id } = app.directory.firstApp
  await until(async () => (await app.journal.milestone(id, '~')) === 1)
})
