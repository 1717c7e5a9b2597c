import { openDirectory } from '@switchhook/shared/directory'
import {
  openMappings,
  openProviderUsers,
  type Mapping,
  type MappingFilter,
  type NewMapping,
  type ProviderUser,
} from '@switchhook/shared/mappings'
import type { Store } from '@switchhook/shared/database'
import type { Test } from 'tap'

const of = (given: Partial<NewMapping>): NewMapping => ({
  kind: 'phone_number',
  provider: null,
  value: '+12025550131',
  sub: 'ann',
  team: null,
  ...given,
})

/**
 * User mappings, whatever keeps them.
 * @param open opens a store as two processes have it
 */
export function mappingsContract(t: Test, open: (t: Test) => Promise<[Store, Store]>): void {
  t.test('a value is found as it was mapped, and by nobody else', async (t) => {
    const [store] = await open(t)
    const app = (await openDirectory(store)).firstApp.id
    const mappings = await openMappings(store)
    t.strictSame(await mappings.list(app, { limit: 10 }), [])
    const put = await mappings.put(app, [
      of({}),
      of({ kind: 'provider_user', provider: 'dialpad', value: 'Bob@Example.com', sub: 'bob' }),
      of({ kind: 'sip_user', value: '1001@PBX.example', sub: 'cyd', team: 'sales' }),
    ])
    t.equal(put!.created, 3)
    t.match(put!.mappings[0], { id: /^[0-9a-f-]{36}$/, sub: 'ann', createdAt: /Z$/ })
    const find = (kind: NewMapping['kind'], value: string, provider: string | null = null) =>
      mappings.of(app, { kind, provider, value })?.sub
    t.equal(find('phone_number', '+12025550131'), 'ann')
    t.equal(find('phone_number', '+12025550132'), undefined)
    t.equal(find('provider_user', 'bob@example.com', 'dialpad'), 'bob', 'in any case')
    t.equal(find('provider_user', 'bob@example.com', 'telnyx'), undefined)
    t.equal(find('sip_user', '1001@pbx.example'), 'cyd')
    t.equal(mappings.of('another app', of({})), undefined)
  })

  t.test('a value belongs to one user: the last word counts, and the id stays', async (t) => {
    const [store] = await open(t)
    const app = (await openDirectory(store)).firstApp.id
    const mappings = await openMappings(store)
    const [first] = (await mappings.put(app, [of({})]))!.mappings
    const again = await mappings.put(app, [of({ sub: 'bob', team: 'sales' })])
    const [second] = again!.mappings
    t.match(again, { created: 0, changed: 1, unchanged: 0 })
    t.strictSame(second, { ...first, sub: 'bob', team: 'sales', updatedAt: second!.updatedAt })
    t.strictSame(await mappings.get(app, first!.id), second)
    t.strictSame(await mappings.list(app, { limit: 10 }), [second])
    t.match(await mappings.change(app, first!.id, { sub: 'cyd', team: null }), { sub: 'cyd' })
    t.equal(mappings.of(app, of({}))?.sub, 'cyd')
    t.equal(await mappings.change('another app', first!.id, { sub: 'x', team: null }), null)
    t.equal(await mappings.remove('another app', first!.id), false)
    t.equal(await mappings.remove(app, first!.id), true)
    t.equal(await mappings.remove(app, first!.id), false)
    t.equal(await mappings.get(app, first!.id), null)
    t.equal(mappings.of(app, of({})), undefined)
  })

  t.test('what another process changed is known after a refresh', async (t) => {
    const [one, two] = await open(t)
    const app = (await openDirectory(one)).firstApp.id
    const [mine, theirs] = await Promise.all([openMappings(one), openMappings(two)])
    const before = theirs.revision
    await mine.put(app, [of({})])
    t.equal(theirs.of(app, of({})), undefined)
    await theirs.refresh()
    t.equal(theirs.of(app, of({}))?.sub, 'ann')
    t.not(theirs.revision, before)
  })

  t.test('of many some are new, some are another’s now, and some are what they were', async (t) => {
    const [store] = await open(t)
    const app = (await openDirectory(store)).firstApp.id
    const mappings = await openMappings(store)
    const mail = of({ kind: 'provider_user', provider: 'telnyx', value: 'ann@example.com' })
    await mappings.put(app, [of({}), mail])
    const { revision } = mappings
    t.match(await mappings.put(app, [of({}), { ...mail, value: 'Ann@Example.com' }]), {
      created: 0,
      changed: 0,
      unchanged: 2,
    })
    t.equal(mappings.revision, revision, 'nobody has to look again')
    const put = await mappings.put(app, [
      of({ value: '+12025550132' }),
      of({ team: 'sales' }),
      mail,
      { ...mail, provider: 'dialpad' },
    ])
    t.match(put, { created: 2, changed: 1, unchanged: 1 })
    t.strictSame(
      put!.mappings.map(({ value, team }) => [value, team]),
      [
        ['+12025550132', null],
        ['+12025550131', 'sales'],
        ['ann@example.com', null],
        ['ann@example.com', null],
      ],
    )
  })

  t.test('what is gone and what is mapped anew are told apart by another process', async (t) => {
    const [one, two] = await open(t)
    const app = (await openDirectory(one)).firstApp.id
    const [mine, theirs] = await Promise.all([openMappings(one), openMappings(two)])
    let changes = 0
    const end = theirs.onChange(() => (changes += 1))
    const [first, second] = (await mine.put(app, [
      of({}),
      of({ value: '+12025550132' }),
      of({ value: '+12025550133' }),
    ]))!.mappings
    await theirs.refresh()
    await mine.remove(app, first!.id)
    await mine.remove(app, second!.id)
    await mine.put(app, [of({ sub: 'bob' })])
    await theirs.refresh()
    await theirs.refresh()
    t.equal(theirs.of(app, of({}))?.sub, 'bob')
    t.equal(theirs.of(app, of({ value: '+12025550132' })), undefined)
    t.equal(theirs.of(app, of({ value: '+12025550133' }))?.sub, 'ann')
    t.equal(changes, 2)
    end()
  })

  t.test('two processes that map the same at once agree', async (t) => {
    const [one, two] = await open(t)
    const app = (await openDirectory(one)).firstApp.id
    const both = await Promise.all([openMappings(one), openMappings(two)])
    const values = Array.from({ length: 50 }, (_, index) => `+120255501${index + 10}`)
    const put = await Promise.all(
      both.map((mappings, index) =>
        mappings.put(
          app,
          values.map((value) => of({ value, sub: `u${index}` })),
        ),
      ),
    )
    t.equal(put[0]!.created + put[1]!.created, 50)
    await Promise.all(both.map((mappings) => mappings.refresh()))
    const subs = both.flatMap((mappings) =>
      values.map((value) => mappings.of(app, of({ value }))?.sub),
    )
    t.equal(new Set(subs).size, 1)
  })

  t.test(
    'a list is read page by page, the newest first, and filtered by what is asked',
    async (t) => {
      const [store] = await open(t)
      const app = (await openDirectory(store)).firstApp.id
      const mappings = await openMappings(store)
      const values = Array.from({ length: 7 }, (_, index) => `+1202555010${index}`)
      for (const value of values) await mappings.put(app, [of({ value })])
      await mappings.put(app, [
        of({ kind: 'provider_user', provider: 'vonage', value: 'x', sub: 'bob' }),
        of({ kind: 'provider_user', provider: 'telnyx', value: 'x', sub: 'bob' }),
      ])
      const ids = new Set<string>()
      let after
      for (;;) {
        const page: readonly Mapping[] = await mappings.list(app, { limit: 2, after })
        for (const { id } of page) ids.add(id)
        after = page.at(-1)
        if (!after) break
      }
      t.equal(ids.size, 9)
      const all = await mappings.list(app, { limit: 100 })
      t.strictSame(
        [...ids],
        all.map(({ id }) => id),
      )
      const shown = async (filter: Partial<MappingFilter>) =>
        (await mappings.list(app, { limit: 100, ...filter })).length
      t.equal(await shown({ sub: 'bob' }), 2)
      t.equal(await shown({ kind: 'phone_number' }), 7)
      t.equal(await shown({ provider: 'telnyx' }), 1)
      t.equal(await shown({ value: values[3]! }), 1)
      t.equal(await shown({ value: 'x', sub: 'ann' }), 0)
    },
  )

  t.test('provider users that were seen are listed until they are mapped', async (t) => {
    const [store] = await open(t)
    const app = (await openDirectory(store)).firstApp.id
    const mappings = await openMappings(store)
    const users = openProviderUsers(store)
    const seen = (value: string, email: string | null = null): ProviderUser => ({
      provider: 'dialpad',
      value,
      email,
      name: `Name of ${value}`,
    })
    await users.note(new Map([[app, [seen('1', 'One@Example.com'), seen('2'), seen('3')]]]))
    await users.note(
      new Map([[app, [seen('4'), seen('2'), seen('Five@Example.com'), seen('five@example.com')]]]),
    )
    const shown = async () => (await users.unmapped(app, { limit: 10 })).map(({ value }) => value)
    t.strictSame((await shown()).toSorted(), ['1', '2', '3', '4', 'five@example.com'])
    const [last] = await users.unmapped(app, { limit: 1 })
    t.equal((await users.unmapped(app, { limit: 10, after: last })).length, 4)
    const dialpad = { kind: 'provider_user', provider: 'dialpad' } as const
    await mappings.put(app, [
      of({ ...dialpad, value: 'ONE@example.com' }),
      of({ ...dialpad, value: '4' }),
      of({ ...dialpad, provider: 'telnyx', value: '2' }),
    ])
    t.strictSame((await shown()).toSorted(), ['2', '3', 'five@example.com'])
    t.match(
      (await users.unmapped(app, { limit: 10 })).find(({ value }) => value === '2'),
      { name: 'Name of 2', email: null, provider: 'dialpad', lastSeenAt: /Z$/ },
    )
  })

  t.test('of provider users the last ten thousand are kept', async (t) => {
    const [store] = await open(t)
    const app = (await openDirectory(store)).firstApp.id
    const users = openProviderUsers(store)
    const batch = (from: number, count: number): ProviderUser[] =>
      Array.from({ length: count }, (_, index) => ({
        provider: 'dialpad',
        value: String(from + index).padStart(6, '0'),
        email: null,
        name: null,
      }))
    await users.note(new Map([[app, batch(0, 10_000)]]))
    await users.note(new Map([[app, batch(10_000, 5)]]))
    const kept = await users.unmapped(app, { limit: 20_000 })
    t.equal(kept.length, 10_000)
    const values = kept.map(({ value }) => Number(value)).slice(0, 5)
    t.equal(Math.min(...values), 10_000)
  })

  t.test('an app has no more mappings than it may have', async (t) => {
    const [store] = await open(t)
    const directory = await openDirectory(store)
    const app = directory.firstApp.id
    const other = (await directory.create('other', { actor: 'system', ip: null }))!
    const mappings = await openMappings(store, 2)
    const [first, second, third] = [1, 2, 3].map((digit) => of({ value: `+1202555013${digit}` }))
    t.match(await mappings.put(app, [first!, second!]), { created: 2 })
    t.equal(await mappings.put(app, [{ ...first!, sub: 'bob' }, third!]), null)
    t.equal(mappings.of(app, first!)?.sub, 'ann', 'nothing of it was written')
    t.match(await mappings.put(app, [{ ...first!, sub: 'bob' }]), { created: 0, changed: 1 })
    t.match(await mappings.put(other.id, [third!]), { created: 1 }, 'each has as many')
  })

  t.test('ten thousand are mapped in one go', async (t) => {
    const [store] = await open(t)
    const app = (await openDirectory(store)).firstApp.id
    const mappings = await openMappings(store)
    const many = Array.from({ length: 10_000 }, (_, index) =>
      of({ value: `+1202${String(index).padStart(7, '0')}`, sub: `u${index}` }),
    )
    t.match(await mappings.put(app, many), { created: 10_000, changed: 0 })
    t.match(await mappings.put(app, many), { created: 0, unchanged: 10_000 })
    t.equal(mappings.of(app, of({ value: '+12020009999' }))?.sub, 'u9999')
  })
}
