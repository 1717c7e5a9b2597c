import { openConnections } from '@switchhook/shared/connections'
import { openCredentials } from '@switchhook/shared/credentials'
import { openDirectory } from '@switchhook/shared/directory'
import { openDeliveries, openJournal } from '@switchhook/shared/journal'
import { createSealing, openResealing } from '@switchhook/shared/sealing'
import { sealedTables as tables } from '../../services/webhook-ingest/care/sealed.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import type { Store } from '@switchhook/shared/database'
import type { Test } from 'tap'

const [oldKey, newKey, lostKey] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte))
const before = createSealing([oldKey!])
const during = createSealing([newKey!, oldKey!])
const after = createSealing([newKey!])

const timeAhead = (): string => new Date(Date.now() + 600_000).toISOString()

/** Stops after so many steps. */
function stopAfter(steps: number): AbortSignal {
  let asked = 0
  return {
    get aborted() {
      return (asked += 1) > steps
    },
  } as AbortSignal
}

const never = new AbortController().signal

/** A store with so many deliveries under the old key. */
async function filled(store: Store, count: number) {
  const app = (await openDirectory(store)).firstApp.id
  const journal = await openJournal(store)
  const seal = (sealing: typeof before, text: string) => {
    const delivery = sampleDelivery(app, [sampleEvent({})])
    const sealed = sealing.seal(Buffer.from(text), `deliveries/${app}/${delivery.id}`)
    return { ...delivery, sealed }
  }
  const given = Array.from({ length: count }, (_, index) => seal(before, `text ${index}`))
  await journal.append(given)
  const deliveries = openDeliveries(store)
  const opens = async (sealing: typeof before): Promise<string[]> => {
    const texts: string[] = []
    for (const { id } of given) {
      const kept = await deliveries.get(app, id)
      texts.push(sealing.open(kept!.sealed, `deliveries/${app}/${id}`).toString())
    }
    return texts
  }
  return { app, journal, deliveries, given, seal, opens }
}

/**
 * Re-sealing, whatever keeps what is sealed.
 * @param open opens a store as two processes have it
 */
export function resealingContract(t: Test, open: (t: Test) => Promise<[Store, Store]>): void {
  t.test('all that an older key sealed opens with the new one alone', async (t) => {
    const [store] = await open(t)
    const { app, given, opens } = await filled(store, 250)
    const credentials = await openCredentials(store, before)
    await credentials.put(app, 'telnyx', { credentials: ['a key'], settings: {} })
    const connections = openConnections<{ token: string }>(store, before)
    const key = { app, provider: 'dialpad' }
    const terms = { nowMs: Date.now(), leaseMs: 60_000 }
    const held = await connections.hold(key, { ...terms, create: true })
    if (typeof held === 'string') throw new Error(held)
    await held.save({ secrets: { token: 'a token' } })
    const consent = { ...key, id: 'a hash', kind: 'consent', expiresAt: timeAhead() } as const
    await connections.addConsent({ ...consent, content: 'a verifier' }, { ...terms, keep: 5 })

    const resealing = openResealing(store, during, { tables, now: Date.now })
    const sweep = await resealing.sweep(never)
    t.equal(sweep.state, 'finished')
    t.strictSame(Object.fromEntries(sweep.resealed), {
      provider_credentials: 1,
      connections: 1,
      consents: 1,
      deliveries: 250,
    })
    t.equal((await resealing.sweep(never)).state, 'done')
    t.strictSame(
      await opens(after),
      given.map((_, index) => `text ${index}`),
    )
    const { credentials: opened } = (await openCredentials(store, after)).of(app, 'telnyx')!
    t.strictSame(opened, ['a key'])
    const connection = await openConnections<{ token: string }>(store, after).get(key)
    t.strictSame(connection?.secrets, { token: 'a token' })
    const taken = await openConnections(store, after).takeConsent('a hash', 'consent', Date.now())
    t.equal(taken?.content, 'a verifier')
    // Who held the connection meanwhile still does.
    t.equal(await connections.hold(key, terms), 'busy')
    await held.save({ secrets: { token: 'a newer token' } })
  })

  t.test('with one key nothing is looked for', async (t) => {
    const [store] = await open(t)
    const { opens } = await filled(store, 3)
    const resealing = openResealing(store, before, { tables, now: Date.now })
    const { state, resealed } = await resealing.sweep(never)
    t.equal(state, 'done')
    t.equal(resealed.size, 0)
    t.equal((await opens(before)).length, 3)
  })

  t.test(
    'what was interrupted goes on in another process, and what comes late is found',
    async (t) => {
      const [one, two] = await open(t)
      const { journal, seal, opens, app, deliveries } = await filled(one, 250)
      const nowMs = Date.now()
      const first = openResealing(one, during, { tables, now: () => nowMs })
      // The three small tables, and a page of deliveries.
      const { state, resealed } = await first.sweep(stopAfter(4))
      t.equal(state, 'pending')
      t.equal(resealed.get('deliveries'), 100)
      // As a spool that is drained, or a process that was not restarted yet.
      const late = seal(before, 'late')
      await journal.append([{ ...late, receivedAt: '2020-01-01T00:00:00.000Z' }])
      let now = nowMs
      const second = openResealing(two, during, { tables, now: () => now })
      t.equal((await second.sweep(never)).state, 'finished')
      t.equal((await opens(after)).length, 250)
      const open1 = async (id: string) =>
        after.open((await deliveries.get(app, id))!.sealed, `deliveries/${app}/${id}`).toString()
      t.equal(await open1(late.id), 'late')
      const later = seal(before, 'later')
      await journal.append([later])
      t.equal((await second.sweep(never)).state, 'done', 'for the next hour')
      now += 3_600_001
      t.equal((await second.sweep(never)).state, 'finished')
      t.equal(await open1(later.id), 'later')
    },
  )

  t.test('one process is at it at a time', async (t) => {
    const [one, two] = await open(t)
    const { opens } = await filled(one, 300)
    const both = [one, two].map((store) => openResealing(store, during, { tables, now: Date.now }))
    const sweeps = await Promise.all(both.map((resealing) => resealing.sweep(never)))
    const counts = sweeps.map(({ resealed }) => resealed.get('deliveries') ?? 0)
    t.equal(counts[0]! + counts[1]!, 300, 'each row was written once')
    t.ok(sweeps.some(({ state }) => state === 'finished'))
    t.equal((await opens(after)).length, 300)
  })

  t.test('a newer write is never overwritten', async (t) => {
    const [store, other] = await open(t)
    const { app, opens, deliveries, given } = await filled(store, 300)
    const credentials = await openCredentials(other, before)
    const resealing = openResealing(store, during, { tables, now: Date.now })
    const write = async (): Promise<void> => {
      for (let index = 0; index < 20; index += 1) {
        await credentials.put(app, 'telnyx', { credentials: [`key ${index}`], settings: {} })
      }
    }
    const purged = deliveries.purgeDelivery(app, given[150]!.id)
    const [{ state }] = await Promise.all([resealing.sweep(never), purged, write()])
    t.equal(state, 'finished')
    t.strictSame((await openCredentials(store, during)).of(app, 'telnyx')?.credentials, ['key 19'])
    t.equal((await deliveries.get(app, given[150]!.id))?.sealed.length, 0)
    await t.rejects(opens(after), 'the one that was removed has nothing to open')
  })

  t.test('a key that is missing is named, and what it sealed is left alone', async (t) => {
    const [store] = await open(t)
    const { journal, seal, opens, app, deliveries } = await filled(store, 3)
    const lost = createSealing([lostKey!])
    const strange = seal(lost, 'strange')
    await journal.append([strange])
    const resealing = openResealing(store, during, { tables, now: Date.now })
    const mark = lost.marks[0]!.subarray(1).toString('hex')
    t.strictSame([...(await resealing.strangeKeys())], [['deliveries', [mark]]])
    t.equal((await resealing.sweep(never)).state, 'finished')
    t.equal((await opens(after)).length, 3)
    const kept = await deliveries.get(app, strange.id)
    t.equal(lost.open(kept!.sealed, `deliveries/${app}/${strange.id}`).toString(), 'strange')
    t.throws(() => after.open(kept!.sealed, 'x'), { message: new RegExp(`SECRETS_KEY.*${mark}`) })
  })
}
