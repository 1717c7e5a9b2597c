import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { openConnections, type Connections } from '@switchhook/shared/connections'
import { openDirectory } from '@switchhook/shared/directory'
import { createSealing, type Sealing } from '@switchhook/shared/sealing'
import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'
import type { Store } from '@switchhook/shared/database'

interface Secrets {
  readonly word: string
}

const provider = 'dialpad'
const nowMs = Date.UTC(2026, 0, 1)
const leaseMs = 60_000
const at = (ms: number): string => new Date(nowMs + ms).toISOString()

interface Opened {
  readonly store: Store
  readonly connections: Connections<Secrets>
  readonly app: string
  readonly dataDir: string
}

function sealingOf(fill: number): Sealing {
  return createSealing([Buffer.alloc(32, fill)])
}

async function open(t: Test): Promise<Opened> {
  const dataDir = temporaryDir(t)
  const store = await storeAt(t, { dataDir })
  const { firstApp } = await openDirectory(store)
  return { store, connections: openConnections(store, sealingOf(1)), app: firstApp.id, dataDir }
}

/** Holds a connection that is there. */
async function hold({ connections, app }: Opened, options: { create?: boolean; ms?: number } = {}) {
  const { create = true, ms = 0 } = options
  const held = await connections.hold({ app, provider }, { nowMs: nowMs + ms, leaseMs, create })
  if (typeof held === 'string') throw new Error(held)
  return held
}

t.test('what is saved of a connection is read again, and listed without its secrets', async (t) => {
  const opened = await open(t)
  const { connections, app } = opened
  t.strictSame(await connections.list(app), [])
  t.equal(await connections.get({ app, provider }), null)
  t.equal(await connections.hold({ app, provider }, { nowMs, leaseMs }), 'none')
  const held = await hold(opened)
  t.match(held.current, { status: 'connecting', attempts: 0, secrets: null })
  const state = {
    status: 'connected',
    reason: null,
    expiresAt: at(1),
    connectedAt: at(2),
    webhookId: '9007199254740993',
    subscriptionId: '9007199254740995',
    attempts: 3,
    retryAt: at(3),
  } as const
  await held.save({ ...state, secrets: { word: 'please' } })
  await held.save({ reason: 'why' })
  const now = { app, provider, ...state, reason: 'why' }
  t.match(await connections.get({ app, provider }), { ...now, secrets: { word: 'please' } })
  const [item, ...others] = await connections.list(app)
  t.match(item, now)
  t.notOk('secrets' in item!)
  t.strictSame(others, [])
})

t.test('one at a time holds a connection, until it is released or the lease ends', async (t) => {
  const opened = await open(t)
  const { connections, app } = opened
  const key = { app, provider }
  const first = await hold(opened)
  t.equal(await connections.hold(key, { nowMs, leaseMs, create: true }), 'busy')
  t.equal(await connections.hold(key, { nowMs: nowMs + leaseMs - 1, leaseMs }), 'busy')
  const second = await hold(opened, { ms: leaseMs })
  await t.rejects(first.save({ reason: 'too late' }), { name: 'ConnectionLost' })
  await t.rejects(first.remove(), { name: 'ConnectionLost' })
  await first.release()
  t.equal(await connections.hold(key, { nowMs: nowMs + leaseMs, leaseMs }), 'busy', 'not its own')
  await second.save({ reason: 'in time' })
  await second.release()
  const third = await hold(opened, { ms: leaseMs })
  t.equal(third.current.reason, 'in time')
  const several = [1, 2, 3, 4].map(() => connections.hold(key, { nowMs, leaseMs }))
  await third.release()
  const got = await Promise.all(several)
  t.ok(got.filter((one) => one !== 'busy').length <= 1)
})

t.test('a connection that was removed is gone, for whoever still holds it too', async (t) => {
  const opened = await open(t)
  const held = await hold(opened)
  await held.remove()
  t.equal(await opened.connections.get({ app: opened.app, provider }), null)
  await t.rejects(held.save({ reason: 'back again' }), { name: 'ConnectionLost' })
  await held.release()
})

t.test('those are due whose time has come, the longest waiting first', async (t) => {
  const opened = await open(t)
  const { connections, app } = opened
  const waiting = async (name: string, retryAt: string | null): Promise<void> => {
    const held = await connections.hold({ app, provider: name }, { nowMs, leaseMs, create: true })
    if (typeof held !== 'string') await held.save({ retryAt })
  }
  await waiting('later', at(2))
  await waiting('sooner', at(1))
  await waiting('tomorrow', at(86_400_000))
  await waiting('never', null)
  const names = async (limit: number) =>
    (await connections.due(nowMs + 2, limit)).map((one) => one.provider)
  t.strictSame(await names(10), ['sooner', 'later'])
  t.strictSame(await names(1), ['sooner'])
})

t.test('secrets open at their place only, and with their key only', async (t) => {
  const opened = await open(t)
  const { store, connections, app } = opened
  const held = await hold(opened)
  await held.save({ status: 'connected', secrets: { word: 'please' } })
  const sql = store.procedures<typeof import('../../shared/connections/sql.ts')>(
    import.meta.resolve('../../shared/connections/sql.ts'),
  )
  const { sealed } = (await sql.get({ app, provider }))!
  t.notOk(Buffer.from(sealed).includes('please'))
  t.match(sealingOf(1).open(sealed, `connections/${app}/${provider}`).toString(), 'please')
  t.throws(() => sealingOf(1).open(sealed, `connections/${app}/vapi`))
  const others = openConnections<Secrets>(store, sealingOf(2))
  t.match(await others.get({ app, provider }), { status: 'connected', secrets: null })
  t.match(await others.list(app), [{ status: 'connected' }])
  await held.release()
  const again = await others.hold({ app, provider }, { nowMs, leaseMs })
  if (typeof again === 'string') throw new Error(again)
  await again.save({ secrets: { word: 'anew' } })
  t.match(await others.get({ app, provider }), { secrets: { word: 'anew' } })
  t.match(await connections.get({ app, provider }), { secrets: null })
})

t.test('a one-use secret is good for one, of its kind and in its time', async (t) => {
  const { connections, app, store } = await open(t)
  const consent = (id: string) =>
    ({ id, app, provider, kind: 'link', expiresAt: at(1_000), content: { id } }) as const
  const keep = 10
  await connections.addConsent(consent('a'), { nowMs, keep })
  t.equal(await connections.takeConsent('a', 'consent', nowMs), null)
  const taken = await Promise.all(
    [1, 2, 3, 4].map(() => connections.takeConsent('a', 'link', nowMs + 999)),
  )
  t.match(
    taken.filter((one) => one !== null),
    [{ id: 'a', app, provider, kind: 'link', content: { id: 'a' } }],
  )
  t.equal(taken.filter((one) => one !== null).length, 1)
  await connections.addConsent(consent('b'), { nowMs, keep })
  t.equal(await connections.takeConsent('b', 'link', nowMs + 1_000), null, 'too late')
  await connections.addConsent(consent('c'), { nowMs, keep })
  const others = openConnections(store, sealingOf(2))
  t.equal(await others.takeConsent('c', 'link', nowMs), null, 'with another key')
})

t.test('open ones are bounded for each app and kind, and expired ones go', async (t) => {
  const { connections, app } = await open(t)
  const add = (id: string, kind: 'link' | 'consent', ms: number) =>
    connections.addConsent(
      { id, app, provider, kind, expiresAt: at(ms), content: { id } },
      { nowMs, keep: 2 },
    )
  const consentId = randomUUID()
  await add(consentId, 'consent', 1)
  for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) await add(id, 'link', 10 + index)
  const left = await Promise.all(
    ['a', 'b', 'c', 'd'].map((id) => connections.takeConsent(id, 'link', nowMs)),
  )
  t.strictSame(
    left.map((one) => one?.id ?? null),
    [null, null, 'c', 'd'],
  )
  t.ok(await connections.takeConsent(consentId, 'consent', nowMs), 'another kind counts apart')
})
