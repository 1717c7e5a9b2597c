import { openDirectory } from '@switchhook/shared/directory'
import { openMappings, type NewMapping } from '@switchhook/shared/mappings'
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
    t.strictSame(mappings.list(app), [])
    const put = await mappings.put(app, [
      of({}),
      of({ kind: 'provider_user', provider: 'dialpad', value: 'Bob@Example.com', sub: 'bob' }),
      of({ kind: 'sip_user', value: '1001@PBX.example', sub: 'cyd', team: 'sales' }),
    ])
    t.equal(put.length, 3)
    t.match(put[0], { id: /^[0-9a-f-]{36}$/, sub: 'ann', createdAt: /Z$/ })
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
    const [first] = await mappings.put(app, [of({})])
    const [second] = await mappings.put(app, [of({ sub: 'bob', team: 'sales' })])
    t.strictSame(second, { ...first, sub: 'bob', team: 'sales' })
    t.equal(mappings.list(app).length, 1)
    t.equal(await mappings.remove(app, first!.id), true)
    t.equal(await mappings.remove(app, first!.id), false)
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

  t.test('ten thousand are mapped in one go', async (t) => {
    const [store] = await open(t)
    const app = (await openDirectory(store)).firstApp.id
    const mappings = await openMappings(store)
    const many = Array.from({ length: 10_000 }, (_, index) =>
      of({ value: `+1202${String(index).padStart(7, '0')}`, sub: `u${index}` }),
    )
    t.equal((await mappings.put(app, many)).length, 10_000)
    t.equal(mappings.of(app, of({ value: '+12020009999' }))?.sub, 'u9999')
  })
}
