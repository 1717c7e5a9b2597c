import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  connect,
  connectable,
  consent,
  shown,
  type ConnectableSuite,
} from '../kit/dialpad/suite.ts'

const createWebhook = 'POST /api/v2/webhooks'
const createSubscription = 'POST /api/v2/subscriptions/call'
const token = 'POST /oauth2/token'

/** Lets so much time pass, and does what is due then. */
async function pass(suite: ConnectableSuite, seconds: number): Promise<void> {
  suite.clock.nowMs += seconds * 1_000
  await suite.dialpad.completeDue(AbortSignal.timeout(60_000))
}

t.test('connecting again leaves one webhook with one secret, and one subscription', async (t) => {
  const suite = await connectable(t)
  const { api } = suite.server
  for (const _ of [1, 2, 3]) api.webhooks.push(strange(api.newId()))
  await connect(suite)
  const before = await shown(suite)
  t.match(await connect(suite), { status: 200, text: /is connected/ })
  const ours = api.webhooks.filter(({ hookUrl }) => hookUrl.endsWith(suite.id))
  t.equal(ours.length, 1)
  t.equal(api.subscriptions.length, 1)
  t.match(await shown(suite), { webhookId: before!['webhookId'], status: 'connected' })
  t.equal(suite.app.credentials.of(suite.id, 'dialpad')!.credentials.length, 1)
  t.equal(suite.server.count(createWebhook), 1)
})

t.test('a webhook that somebody else made with our URL gets our secret', async (t) => {
  const suite = await connectable(t)
  const { api } = suite.server
  const hookUrl = `https://calls.example.com/webhooks/dialpad/${suite.id}`
  for (const _ of [1, 2]) api.webhooks.push(strange(api.newId()))
  const id = api.newId()
  api.webhooks.push({ id, hookUrl, secret: 'whatever' })
  api.subscriptions.push({
    id: api.newId(),
    webhookId: id,
    states: ['hangup'],
    enabled: false,
    target: null,
  })
  const had = { credentials: ['an earlier secret'], settings: {} }
  await suite.app.credentials.put(suite.id, 'dialpad', had)
  await connect(suite)
  t.equal(api.webhooks.length, 3)
  const { credentials } = suite.app.credentials.of(suite.id, 'dialpad')!
  t.equal(credentials.length, 2)
  t.equal(credentials[0], 'an earlier secret')
  t.equal(api.webhooks[2]!.secret, credentials[1])
  t.equal(api.subscriptions.length, 1)
  t.match(api.subscriptions[0], { enabled: true })
  t.ok((api.subscriptions[0]!.states as string[]).includes('ringing'))
})

t.test('under a new public address the webhook moves along', async (t) => {
  const suite = await connectable(t)
  const { api } = suite.server
  await connect(suite)
  const { hookUrl } = api.webhooks[0]!
  api.webhooks[0]!.hookUrl = hookUrl.replace('calls', 'earlier')
  await connect(suite)
  t.match(api.webhooks, [{ hookUrl }])
  t.equal(api.webhooks.length, 1)
  t.equal(suite.server.count(createWebhook), 1)
})

t.test('the secret is welcome here before Dialpad knows it', async (t) => {
  const suite = await connectable(t)
  let known: readonly string[] = []
  suite.server.before(createWebhook, () => {
    known = suite.app.credentials.of(suite.id, 'dialpad')?.credentials ?? []
  })
  await connect(suite)
  t.strictSame(known, [suite.server.api.webhooks[0]!.secret])
})

t.test('what was half made is completed later, without a second webhook', async (t) => {
  const suite = await connectable(t)
  const { api } = suite.server
  suite.server.next(createSubscription, { status: 500 }, { status: 403 })
  const page = await connect(suite)
  t.match(page, { status: 200, text: /not told yet.*Dialpad failed: status 500/s })
  t.match(await shown(suite), {
    status: 'incomplete',
    reason: 'Dialpad failed: status 500 (the call subscription)',
    webhookId: api.webhooks[0]!.id,
    subscriptionId: null,
  })
  await pass(suite, 14)
  t.equal(suite.server.count(createSubscription), 1, 'not yet')
  await pass(suite, 1)
  t.match(await shown(suite), { status: 'incomplete', reason: /403; whoever consents must be/ })
  await pass(suite, 30)
  t.match(await shown(suite), {
    status: 'connected',
    reason: null,
    subscriptionId: api.subscriptions[0]!.id,
  })
  t.equal(suite.server.count(createWebhook), 1)
  await pass(suite, 86_400)
  t.equal(suite.server.count(createSubscription), 3, 'what is complete is left alone')
})

t.test('several that connect or complete at once make one webhook', async (t) => {
  const suite = await connectable(t)
  const { api } = suite.server
  await Promise.all([connect(suite), connect(suite), connect(suite)])
  t.equal(api.webhooks.length, 1)
  t.equal(api.subscriptions.length, 1)
  suite.server.next('GET /api/v2/webhooks', { status: 500 })
  await connect(suite)
  api.webhooks.length = 0
  api.subscriptions.length = 0
  suite.clock.nowMs += 15_000
  const signal = AbortSignal.timeout(60_000)
  await Promise.all([suite.dialpad.completeDue(signal), suite.other.completeDue(signal)])
  t.equal(suite.server.count(createWebhook), 2)
  t.match(await shown(suite), { status: 'connected', webhookId: api.webhooks[0]!.id })
})

t.test('a webhook whose creation was answered by silence is found again', async (t) => {
  const suite = await connectable(t)
  const { api } = suite.server
  suite.server.lose(createWebhook)
  t.match(await connect(suite), { status: 200, text: /could not be reached/ })
  t.equal(api.webhooks.length, 1)
  await pass(suite, 15)
  t.match(await shown(suite), { status: 'connected', webhookId: api.webhooks[0]!.id })
  t.equal(api.webhooks.length, 1)
})

t.test('Dialpad says when to come again, and is tried nine times an hour at most', async (t) => {
  const suite = await connectable(t)
  suite.server.next(createSubscription, { status: 429, headers: { 'retry-after': '120' } })
  await connect(suite)
  await pass(suite, 119)
  t.equal(suite.server.count(createSubscription), 1)
  const refused = Array.from({ length: 50 }, () => ({ status: 500 }))
  suite.server.next(createSubscription, ...refused)
  for (let seconds = 0; seconds < 3_600; seconds += 15) await pass(suite, 15)
  const tried = suite.server.count(createSubscription) - 1
  t.ok(tried >= 7 && tried <= 9, `${tried} times`)
  t.match(await shown(suite), { status: 'incomplete' })
})

t.test('a token that ends is renewed once, however many need it', async (t) => {
  const suite = await connectable(t)
  await connect(suite)
  const { dialpad, other, id, server, clock } = suite
  const first = await dialpad.accessToken(id)
  clock.nowMs += 3_539_000
  t.equal(await dialpad.accessToken(id), first, 'a minute is left')
  clock.nowMs += 2_000
  const tokens = await Promise.all([
    dialpad.accessToken(id),
    other.accessToken(id),
    dialpad.accessToken(id),
    other.accessToken(id),
  ])
  const { access } = server.oauth.grants[0]!
  t.not(access, first)
  t.strictSame(new Set(tokens), new Set([access]))
  t.equal(server.count(token), 2, 'one for the code, one for all of them')
  t.match(await shown(suite), { expiresAt: new Date(clock.nowMs + 3_600_000).toISOString() })
  clock.nowMs += 3_600_000
  t.equal(await other.accessToken(id), server.oauth.grants[0]!.access, 'and again')
})

t.test('while Dialpad cannot renew a token, it serves until it ends', async (t) => {
  const suite = await connectable(t)
  await connect(suite)
  const { dialpad, id, server, clock } = suite
  const first = await dialpad.accessToken(id)
  server.next(token, { status: 503 }, { status: 503, headers: { 'retry-after': '9' } })
  clock.nowMs += 3_570_000
  t.equal(await dialpad.accessToken(id), first)
  clock.nowMs += 30_000
  const refused = { code: 'connection_unavailable', statusCode: 503, retryAfter: 9 }
  await t.rejects(dialpad.accessToken(id), refused)
  t.match(await shown(suite), { status: 'connected' })
  t.not(await dialpad.accessToken(id), first)
})

t.test(
  'a consent that was taken back shows as expired, until somebody consents anew',
  async (t) => {
    const suite = await connectable(t)
    await connect(suite)
    const { dialpad, id, server, clock } = suite
    server.oauth.grants[0]!.revoked = true
    clock.nowMs += 3_600_000
    const refused = { code: 'connection_expired', statusCode: 409 }
    await t.rejects(dialpad.accessToken(id), refused)
    await t.rejects(dialpad.accessToken(id), refused)
    t.equal(server.count(token), 2, 'a refusal is not asked for twice')
    t.match(await shown(suite), { status: 'expired', reason: /not valid any more/ })
    const audit = await suite.app.audit.list(id, 20)
    t.ok(audit.some(({ action, actor }) => action === 'connection.expired' && actor === 'system'))
    await connect(suite)
    t.match(await shown(suite), { status: 'connected', reason: null })
    t.equal(server.api.webhooks.length, 1)
  },
)

t.test('a token that Dialpad refuses before its time is renewed', async (t) => {
  const suite = await connectable(t)
  suite.server.next('GET /api/v2/webhooks', { status: 401 })
  t.match(await connect(suite), { text: /is connected/ })
  t.equal(suite.server.count(token), 2)
  suite.server.next('GET /api/v2/webhooks', { status: 401 }, { status: 401 })
  t.match(await connect(suite), { text: /refuse/ })
})

t.test('what was sealed with a key that is gone must be consented to anew', async (t) => {
  const suite = await connectable(t)
  suite.server.next(createSubscription, { status: 500 })
  await connect(suite)
  await t.rejects(suite.stranger.accessToken(suite.id), { code: 'connection_expired' })
  suite.clock.nowMs += 15_000
  await suite.stranger.completeDue(AbortSignal.timeout(60_000))
  t.match(await shown(suite), { status: 'expired', reason: /a key that is not configured/ })
  await connect(suite)
  t.match(await shown(suite), { status: 'connected' })
  await suite.stranger.remove(suite.id, { actor: 'internal', ip: '127.0.0.1' })
  t.equal(await shown(suite), undefined)
})

t.test('without a refresh token the connection ends with its first token', async (t) => {
  const suite = await connectable(t, { environment: { DIALPAD_SCOPES: 'calls:list' } })
  await connect(suite)
  suite.clock.nowMs += 3_600_000
  await t.rejects(suite.dialpad.accessToken(suite.id), { code: 'connection_expired' })
  suite.server.oauth.tokenSeconds = null
  await connect(suite)
  t.match(await shown(suite), { status: 'connected', expiresAt: null })
  suite.clock.nowMs += 86_400_000
  t.equal(await suite.dialpad.accessToken(suite.id), suite.server.oauth.grants[1]!.access)
})

t.test('an end takes everything away, there and here', async (t) => {
  const suite = await connectable(t)
  await connect(suite)
  const { api, oauth } = suite.server
  const path = `/${suite.id}/connections/dialpad`
  t.match(await suite.internal('DELETE', path), { status: 204, body: null })
  t.strictSame([api.webhooks, api.subscriptions], [[], []])
  t.ok(oauth.grants[0]!.revoked)
  t.equal(await shown(suite), undefined)
  t.match(await suite.internal('DELETE', path), {
    status: 404,
    body: { code: 'connection_not_found' },
  })
  await t.rejects(suite.dialpad.accessToken(suite.id), { code: 'connection_not_found' })
  const audit = await suite.app.audit.list(suite.id, 10)
  const removal = audit.find(({ action }) => action === 'connection.removed')
  t.match(removal, { actor: 'internal', detail: { left: [] } })
  t.match(await connect(suite), { text: /is connected/ })
})

t.test('an end that Dialpad does not hear of is one all the same', async (t) => {
  const suite = await connectable(t)
  await connect(suite)
  const [webhook] = suite.server.api.webhooks
  suite.server.next(`DELETE /api/v2/webhooks/${webhook!.id}`, { status: 500 })
  suite.server.next('POST /oauth2/deauthorize', { status: 500 })
  const path = `/${suite.id}/connections/dialpad`
  t.match(await suite.internal('DELETE', path), { status: 204 })
  t.equal(await shown(suite), undefined)
  const audit = await suite.app.audit.list(suite.id, 10)
  const removal = audit.find(({ action }) => action === 'connection.removed')
  t.match(removal, { detail: { left: ['webhook', 'consent'] } })
  await connect(suite)
  t.equal(suite.server.api.webhooks.length, 1, 'what was left is used again')
})

t.test('nothing that is secret is logged, or lies in the store in clear', async (t) => {
  const suite = await connectable(t)
  suite.server.next(createSubscription, { status: 500 })
  await connect(suite)
  await pass(suite, 15)
  suite.clock.nowMs += 3_600_000
  await suite.dialpad.accessToken(suite.id)
  const { link, browser } = await consent(suite, { decision: 'refuse' })
  suite.server.oauth.grants[0]!.revoked = true
  suite.clock.nowMs += 3_600_000
  await t.rejects(suite.dialpad.accessToken(suite.id))
  const { api, oauth } = suite.server
  const secrets = [
    ...oauth.secrets,
    ...api.webhooks.map(({ secret }) => secret!),
    ...browser.cookies.values(),
    new URL(link).searchParams.get('state')!,
  ]
  const log = suite.logged.join('')
  t.match(log, /connection expired/)
  const files = readdirSync(suite.dataDir).filter((name) => name.startsWith('switchhook.db'))
  const stored = files.map((name) => readFileSync(join(suite.dataDir, name), 'latin1')).join('')
  t.match(stored, /connection\.expired/)
  t.ok(secrets.length > 10)
  for (const secret of secrets) {
    t.notOk(log.includes(secret), 'not in the log')
    t.notOk(stored.includes(secret), 'not in the store')
  }
})

function strange(id: string) {
  return { id, hookUrl: `https://elsewhere.example.com/${id}`, secret: null }
}
