import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { openAccess, type Access, type TicketRequest } from '@switchhook/shared/access'
import { openDirectory } from '@switchhook/shared/directory'
import type { OpenStore } from '../kit/opened-journal.ts'

interface Holder {
  readonly name: string
}

interface Opened {
  readonly app: string
  readonly here: Access<Holder>
  /** Another process on the same store. */
  readonly there: Access<Holder>
}

const minute = 60_000
const iso = (ms: number): string => new Date(ms).toISOString()

/** What every store promises of API keys, tickets and revocations. */
export function accessContract(t: Test, openStore: OpenStore): void {
  const open = async (t: Test, place: string): Promise<Opened> => {
    const store = await openStore(t, place)
    const { firstApp } = await openDirectory(store)
    return { app: firstApp.id, here: await openAccess(store), there: await openAccess(store) }
  }

  t.test('a key is known at once where it was made, and elsewhere after a look', async (t) => {
    const { app, here, there } = await open(t, 'keys')
    const now = Date.now()
    const { key, record, graceUntil } = (await here.keys.create(app))!
    t.match(key, /^app_[0-9A-Za-z]{49}$/)
    t.match(record, { app, prefix: key.slice(0, 12), expiresAt: null, revokedAt: null })
    t.equal(graceUntil, null)
    t.match(here.keys.find(key, now), { id: record.id, app })
    t.equal(there.keys.find(key, now), null)
    const { revision } = there
    await there.lookAgain()
    t.not(there.revision, revision)
    t.match(there.keys.find(key, now), { id: record.id, app })
    t.ok(there.keys.isLive(record.id, now))
    const settled = there.revision
    await there.lookAgain()
    t.equal(there.revision, settled, 'nothing changed')
    const [listed, ...others] = await here.keys.list(app)
    t.match(listed, { ...record })
    t.strictSame(others, [])
    t.notMatch(JSON.stringify(listed), /hash/)
    t.strictSame(await here.keys.list(randomUUID()), [])
  })

  t.test('a revoked key is refused everywhere after a look, and listed on', async (t) => {
    const { app, here, there } = await open(t, 'revoke')
    const now = Date.now()
    const { key, record } = (await here.keys.create(app))!
    await there.lookAgain()
    t.equal(await here.keys.revoke(app, record.id), 'now')
    t.equal(here.keys.find(key, now), null)
    t.notOk(here.keys.isLive(record.id, now))
    t.ok(there.keys.find(key, now))
    const { revision } = there
    await there.lookAgain()
    t.equal(there.keys.find(key, now), null)
    t.not(there.revision, revision)
    t.equal(await here.keys.revoke(app, record.id), 'before', 'once')
    t.equal(await here.keys.revoke(randomUUID(), record.id), null, 'not another app’s')
    t.match(await here.keys.list(app), [{ id: record.id, revokedAt: /Z$/ }])
  })

  t.test('a rotated key is accepted for a while, and one that ended says so', async (t) => {
    const { app, here } = await open(t, 'rotate')
    const first = await here.keys.rotate(app, { graceSeconds: 60 })
    t.equal(first.graceUntil, null, 'there was none')
    const soon = (await here.keys.create(app, { expiresAt: iso(Date.now() + 5_000) }))!
    const second = await here.keys.rotate(app, { graceSeconds: 60 })
    const now = Date.now()
    t.ok(Math.abs(Date.parse(second.graceUntil!) - now - minute) < 30_000)
    t.match(here.keys.find(first.key, now), { graceUntil: second.graceUntil })
    t.ok(here.keys.find(second.key, now))
    t.equal(here.keys.find(soon.key, now + 5_000), 'expired')
    const third = await here.keys.rotate(app, { graceSeconds: 3_600 })
    t.match(here.keys.find(first.key, now), { graceUntil: second.graceUntil }, 'not prolonged')
    t.match(here.keys.find(second.key, now), { graceUntil: third.graceUntil })
    const { revision } = here
    const later = Date.parse(second.graceUntil!)
    await here.tend(later)
    t.not(here.revision, revision, 'whoever holds sockets looks again')
    t.equal(here.keys.find(first.key, later), 'expired')
    t.notOk(here.keys.isLive(first.record.id, later))
    t.ok(here.keys.isLive(second.record.id, later))
    const last = await here.keys.rotate(app, { graceSeconds: 0 })
    t.equal(here.keys.find(second.key, Date.now()), 'expired')
    t.ok(here.keys.find(last.key, Date.now()))
  })

  t.test('an app has twenty keys at most, however they are made', async (t) => {
    const { app, here } = await open(t, 'most')
    const made = await Promise.all(Array.from({ length: 25 }, () => here.keys.create(app)))
    t.equal(made.filter((one) => one !== null).length, 20)
    const { key } = await here.keys.rotate(app, { graceSeconds: 600 })
    for (let count = 0; count < 5; count += 1) await here.keys.rotate(app, { graceSeconds: 600 })
    const now = Date.now()
    t.ok(here.keys.find(key, now))
    const found = made.map((one) => one && here.keys.find(one.key, now))
    t.equal(found.filter((one) => one !== null && typeof one === 'object').length, 14)
    t.equal((await here.keys.list(app)).length, 26)
  })

  t.test('when a key was used is written later, once a minute', async (t) => {
    const { app, here, there } = await open(t, 'used')
    const { record } = (await here.keys.create(app))!
    const now = Date.now()
    const lastUsedAt = async () => (await there.keys.list(app))[0]!.lastUsedAt
    here.keys.used(record.id, now)
    t.equal(await lastUsedAt(), null)
    await here.tend(now)
    t.equal(await lastUsedAt(), iso(now))
    here.keys.used(record.id, now + 30_000)
    await here.tend(now + 30_000)
    t.equal(await lastUsedAt(), iso(now))
    here.keys.used(record.id, now + 50_000)
    const { revision } = here
    await here.tend(now + minute)
    t.equal(await lastUsedAt(), iso(now + 50_000))
    t.equal(here.revision, revision, 'nobody need hear of it')
    there.keys.used(record.id, now + minute)
    await there.tend(now + minute)
    here.keys.used(record.id, now + minute - 1)
    await here.tend(now + 2 * minute)
    t.equal(await lastUsedAt(), iso(now + minute), 'it is the last one of all processes')
  })

  t.test('a ticket is spent once, by whichever process it is shown to', async (t) => {
    const { app, here, there } = await open(t, 'once')
    const now = Date.now()
    const request = requestOf(app, now)
    const shown = await here.tickets.issue(request, now)
    for (const { tickets } of [here, there]) {
      t.match(await tickets.look(shown, now), { kind: 'once', holder: { name: 'Zoë' } })
    }
    t.equal(await here.tickets.look(shown, now + 30_000), null, 'expired')
    t.equal(await here.tickets.look(shown.replace('t1_', 'tn_'), now), null)
    const all = [here, there, here, there].map(({ tickets }) => tickets.take(shown, now + 1))
    const taken = (await Promise.all(all)).filter((one) => one !== null)
    t.strictSame(taken, [{ kind: 'once', origin: request.origin, holder: { name: 'Zoë' } }])
    t.equal(await here.tickets.take(shown, now), null)
    t.equal(await here.tickets.look(shown, now), null)
    for (const text of ['', 't1_', `t1_${'a'.repeat(43)}`, `${shown}x`, 'tn_x', "t1_' or 1=1 --"]) {
      t.equal(await here.tickets.take(text, now), null, text)
    }
    const late = await here.tickets.issue(request, now)
    t.equal(await here.tickets.take(late, now + 30_000), null, 'expired')
    const nowhere = await here.tickets.issue({ ...request, origin: null }, now)
    t.match(await there.tickets.take(nowhere, now), { origin: null })
  })

  t.test('one for many connections is not spent, and ends', async (t) => {
    const { app, here, there } = await open(t, 'many')
    const now = Date.now()
    const shown = await here.tickets.issue({ ...requestOf(app, now), kind: 'many' }, now)
    for (const { tickets } of [here, there, here]) {
      t.match(await tickets.take(shown, now + 29_999), { kind: 'many', holder: { name: 'Zoë' } })
    }
    t.equal(await there.tickets.take(shown, now + 30_000), null)
    t.equal(await there.tickets.take(shown.replace('tn_', 't1_'), now), null)
  })

  t.test('a hundred tickets of a user are good, and expired ones leave', async (t) => {
    const { app, here } = await open(t, 'bounds')
    const now = Date.now()
    const other = await here.tickets.issue({ ...requestOf(app, now), sub: 'other' }, now)
    const issued: string[] = []
    for (let count = 0; count < 103; count += 1) {
      issued.push(await here.tickets.issue(requestOf(app, now + count), now + count))
    }
    const take = (text: string) => here.tickets.take(text, now + 110)
    t.strictSame(await Promise.all(issued.slice(0, 3).map(take)), [null, null, null])
    t.ok(await take(issued[3]!))
    t.ok(await take(issued[102]!))
    t.ok(await take(other), 'others are not counted')
    await here.tickets.issue(requestOf(app, now + minute), now + minute)
    t.equal(await here.tickets.take(issued[50]!, now), null, 'its row is gone')
  })

  t.test('what is taken back from a user is known everywhere after a look', async (t) => {
    const { app, here, there } = await open(t, 'revocations')
    t.equal(here.revocations.since(app, 'u1'), undefined)
    const at = await here.revocations.add(app, 'u1')
    t.equal(here.revocations.since(app, 'u1'), Date.parse(at))
    t.equal(there.revocations.since(app, 'u1'), undefined)
    const { revision } = there
    await there.lookAgain()
    t.equal(there.revocations.since(app, 'u1'), Date.parse(at))
    t.not(there.revision, revision)
    await Promise.all(['u2', 'u3', 'u4'].map((sub) => there.revocations.add(app, sub)))
    const again = await there.revocations.add(app, 'u1')
    await here.lookAgain()
    t.equal(here.revocations.since(app, 'u1'), Date.parse(again), 'the last one counts')
    for (const sub of ['u2', 'u3', 'u4']) t.type(here.revocations.since(app, sub), 'number')
    t.equal(here.revocations.since(randomUUID(), 'u1'), undefined)
  })

  t.test('of an app’s revocations old ones go, and the oldest beyond the bound', async (t) => {
    const store = await openStore(t, 'kept')
    const app = (await openDirectory(store)).firstApp.id
    const sql = store.procedures<typeof import('../../shared/access/sql/revocations.ts')>(
      import.meta.resolve('../../shared/access/sql/revocations.ts'),
    )
    for (let index = 0; index < 6; index += 1) {
      const revocation = { app, sub: `u${index}`, at: iso(index * minute) }
      await sql.addRevocation(revocation, { oldest: iso(0), keep: 4 })
    }
    const kept = await sql.revocationsSince(0, 10)
    t.strictSame(
      kept.map(({ sub, revision }) => [sub, revision]),
      [2, 3, 4, 5].map((index) => [`u${index}`, index + 1]),
    )
    const last = { app, sub: 'u6', at: iso(6 * minute) }
    await sql.addRevocation(last, { oldest: iso(5 * minute), keep: 4 })
    t.strictSame(
      (await sql.revocationsSince(0, 10)).map(({ sub }) => sub),
      ['u5', 'u6'],
    )
    t.equal((await sql.revocationsSince(6, 10)).length, 1)
  })
}

function requestOf(app: string, now: number): TicketRequest<Holder> {
  return {
    kind: 'once',
    app,
    sub: 'u1',
    origin: 'https://crm.example.com',
    expiresAtMs: now + 30_000,
    holder: { name: 'Zoë' },
  }
}
