import { openRegistrations, type Registration } from '@switchhook/shared/registrations'
import type { Test } from 'tap'
import type { Store } from '@switchhook/shared/database'

const start = Date.UTC(2026, 0, 1)
const at = (seconds: number): string => new Date(start + seconds * 1_000).toISOString()
const everything = { app: 'app', now: at(0), limit: 100 }

/** A registration as a process writes it. */
export function sampleRegistration(changes: Partial<Registration> = {}): Registration {
  return {
    id: 'id 1',
    app: 'app',
    aor: 'sip:1001@pbx.example',
    user: '1001',
    contact: 'sip:k3j@a1b2c3.invalid;transport=ws',
    instance: null,
    userAgent: null,
    address: '192.0.2.1',
    upstream: 'phantom',
    connection: 'connection 1',
    grantedSeconds: 600,
    expiresAt: at(600),
    registeredAt: at(0),
    ...changes,
  }
}

/**
 * What a store promises of registrations, whichever process wrote them.
 * @param open opens a store as two processes have it
 */
export function registrationsContract(t: Test, open: (t: Test) => Promise<[Store, Store]>): void {
  const opened = async (t: Test) => {
    const [one, two] = (await open(t)).map((store) => openRegistrations(store))
    await one!.beat('one', at(0))
    await two!.beat('two', at(0))
    const ids = async (filter = {}) => {
      const found = await two!.list({ ...everything, ...filter })
      return found.map(({ id }) => id)
    }
    return { one: one!, two: two!, ids }
  }

  t.test('what one process writes the other one reads, as it was written', async (t) => {
    const { one, two } = await opened(t)
    const plain = sampleRegistration()
    const full = sampleRegistration({
      id: 'id 2',
      instance: '<urn:uuid:1>',
      userAgent: 'Tö 1.0',
      registeredAt: at(1),
    })
    await one.write({ node: 'one', kept: [plain, full], gone: [] })
    t.strictSame(await two.list(everything), [full, plain])
    const refreshed = { ...plain, grantedSeconds: 300, expiresAt: at(900) }
    await one.write({ node: 'one', kept: [refreshed], gone: ['id 2', 'never was'] })
    t.strictSame(await two.list(everything), [refreshed])
    await one.write({ node: 'one', kept: [], gone: ['id 1'] })
    t.strictSame(await two.list(everything), [])
  })

  t.test('who registers the same binding elsewhere has it from then on', async (t) => {
    const { one, two } = await opened(t)
    await one.write({ node: 'one', kept: [sampleRegistration()], gone: [] })
    const taken = sampleRegistration({ connection: 'connection 2', address: '192.0.2.2' })
    await two.write({ node: 'two', kept: [taken], gone: [] })
    await one.write({ node: 'one', kept: [], gone: ['id 1'] })
    t.strictSame(await one.list(everything), [taken])
    await one.leave('one')
    t.strictSame(await two.list(everything), [taken])
  })

  t.test('they are found by app, address, user and upstream, together too', async (t) => {
    const { one, ids } = await opened(t)
    const kept = [
      sampleRegistration({ id: 'a' }),
      sampleRegistration({ id: 'b', aor: 'sip:1001@other.example' }),
      sampleRegistration({ id: 'c', aor: 'sip:1002@pbx.example', user: '1002' }),
      sampleRegistration({ id: 'd', upstream: 'genesys' }),
      sampleRegistration({ id: 'e', app: 'another' }),
    ]
    await one.write({ node: 'one', kept, gone: [] })
    t.strictSame(await ids(), ['d', 'c', 'b', 'a'])
    t.strictSame(await ids({ aor: 'sip:1001@pbx.example' }), ['d', 'a'])
    t.strictSame(await ids({ user: '1001' }), ['d', 'b', 'a'])
    t.strictSame(await ids({ user: '1001', upstream: 'phantom' }), ['b', 'a'])
    t.strictSame(await ids({ app: 'another' }), ['e'])
    t.strictSame(await ids({ app: 'another', upstream: 'genesys' }), [])
  })

  t.test(
    'they come page by page, the newest first, those of one moment in one order',
    async (t) => {
      const { one, two } = await opened(t)
      const kept = Array.from({ length: 25 }, (_, index) =>
        sampleRegistration({ id: `id ${index}`, registeredAt: at(Math.floor(index / 4)) }),
      )
      await one.write({ node: 'one', kept, gone: [] })
      const pages: Registration[] = []
      for (;;) {
        const after = pages.at(-1)
        const page = await two.list({ ...everything, after, limit: 4 })
        pages.push(...page)
        if (page.length < 4) break
      }
      t.strictSame(new Set(pages.map(({ id }) => id)).size, 25)
      const times = pages.map(({ registeredAt }) => registeredAt)
      t.strictSame(times, times.toSorted().toReversed())
    },
  )

  t.test('what is over is not listed, and goes', async (t) => {
    const { one, ids } = await opened(t)
    const kept = [sampleRegistration(), sampleRegistration({ id: 'id 2', expiresAt: at(60) })]
    await one.write({ node: 'one', kept, gone: [] })
    t.strictSame(await ids({ now: at(59) }), ['id 2', 'id 1'])
    t.strictSame(await ids({ now: at(60) }), ['id 1'])
    await one.sweep({ gone: [], expiredSince: at(60) })
    t.strictSame(await ids(), ['id 1'])
  })

  t.test('what a process wrote goes with it: stopped, killed, or forgotten', async (t) => {
    const { one, two, ids } = await opened(t)
    const rows = ['one', 'two', 'three'].map((id) => sampleRegistration({ id }))
    await one.beat('three', at(0))
    for (const row of rows) await one.write({ node: row.id, kept: [row], gone: [] })
    t.strictSame(await ids(), ['two', 'three', 'one'])
    await one.leave('one')
    t.strictSame(await ids(), ['two', 'three'])
    await two.sweep({ gone: ['three'], expiredSince: at(0) })
    t.strictSame(await ids(), ['two'])
    t.strictSame(await one.nodes(), [{ id: 'two', seenAt: at(0) }])
    await one.write({ node: 'nobody', kept: [rows[0]!], gone: [] })
    await two.sweep({ gone: [], expiredSince: at(0) })
    t.strictSame(await ids(), ['two'])
  })

  t.test('a process learns whether it was forgotten', async (t) => {
    const { one, two } = await opened(t)
    t.equal(await one.beat('one', at(5)), true)
    t.strictSame(
      (await two.nodes()).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      [
        { id: 'one', seenAt: at(5) },
        { id: 'two', seenAt: at(0) },
      ],
    )
    await two.sweep({ gone: ['one'], expiredSince: at(0) })
    t.equal(await one.beat('one', at(10)), false)
    t.equal(await one.beat('one', at(15)), true)
  })

  t.test('many are written at once, by two processes over each other', async (t) => {
    const { one, two, ids } = await opened(t)
    const rows = (connection: string) =>
      Array.from({ length: 1_000 }, (_, index) =>
        sampleRegistration({ id: `id ${index}`, connection }),
      )
    const gone = rows('').map(({ id }) => id)
    await Promise.all([
      one.write({ node: 'one', kept: rows('a'), gone: [] }),
      two.write({ node: 'two', kept: rows('b').toReversed(), gone: [] }),
    ])
    await Promise.all([
      one.write({ node: 'one', kept: [], gone }),
      two.write({ node: 'two', kept: rows('c').toReversed(), gone: [] }),
      two.sweep({ gone: [], expiredSince: at(0) }),
    ])
    t.equal((await ids({ limit: 2_000 })).length, 1_000)
  })
}
