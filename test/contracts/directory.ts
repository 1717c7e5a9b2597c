import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { openAudit } from '@switchhook/shared/audit'
import { openDirectory } from '@switchhook/shared/directory'
import { openJournal } from '@switchhook/shared/journal'
import type { OpenStore } from '../kit/opened-journal.ts'

const by = { actor: 'internal', ip: '192.0.2.7' }

/** What every store promises of its apps. */
export function directoryContract(t: Test, openStore: OpenStore): void {
  const open = async (t: Test, place: string) => {
    const store = await openStore(t, place)
    // One after the other, as another process would.
    return { store, here: await openDirectory(store), there: await openDirectory(store) }
  }

  t.test('a fresh store has one app, which those who name none mean', async (t) => {
    const { here, there } = await open(t, 'fresh')
    t.match(here.firstApp, { name: 'default', active: true })
    t.equal(here.onlyApp, here.firstApp)
    t.strictSame(there.apps, [here.firstApp])
  })

  t.test('a new app is known at once where it was made, elsewhere after a look', async (t) => {
    const { store, here, there } = await open(t, 'new')
    const made = (await here.create('Zoë’s shop', by))!
    t.match(made, { name: 'Zoë’s shop', active: true })
    t.equal(here.app(made.id), made)
    t.equal(here.onlyApp, undefined)
    t.equal(there.app(made.id), undefined)
    const { revision } = there
    await there.refresh()
    t.not(there.revision, revision)
    t.strictSame(there.apps, here.apps)
    t.equal(there.firstApp.name, 'default')
    const settled = there.revision
    await there.refresh()
    t.equal(there.revision, settled, 'nothing changed')
    t.strictSame(
      [...(await (await openJournal(store)).heads([made.id]))],
      [[made.id, 0]],
      'with its counter',
    )
    const audit = await openAudit(store).list(made.id, 10)
    const entry = { ...by, action: 'app.created', target: made.id, detail: { name: 'Zoë’s shop' } }
    t.match(audit, [entry])
  })

  t.test('who looks for an unknown app finds what another process made', async (t) => {
    const { here, there } = await open(t, 'look')
    const made = (await here.create('new', by))!
    t.strictSame(await there.find(made.id), made)
    t.equal(await there.find(randomUUID()), undefined)
    const newer = (await here.create('newer', by))!
    t.strictSame(await there.find(newer.id), newer, 'also right after another look')
  })

  t.test('a change is known everywhere, and the audit tells what was changed', async (t) => {
    const { store, here, there } = await open(t, 'change')
    const { id } = here.firstApp
    t.match(await there.change(id, { active: false }, by), { name: 'default', active: false })
    await here.refresh()
    t.equal(here.app(id)!.active, false)
    await here.change(id, { name: 'shop', active: true }, by)
    await here.change(id, { name: 'shop' }, by)
    t.equal(await here.change(randomUUID(), { name: 'x' }, by), undefined)
    t.match(here.firstApp, { name: 'shop', active: true })
    const audit = await openAudit(store).list(id, 10)
    t.strictSame(
      new Set(audit.map(({ detail }) => JSON.stringify(detail))),
      new Set([
        '{"active":{"from":true,"to":false}}',
        '{"name":{"from":"default","to":"shop"},"active":{"from":false,"to":true}}',
      ]),
    )
  })

  t.test('apps that are made at once are in one order, behind the first one', async (t) => {
    const { here, there } = await open(t, 'order')
    const names = Array.from({ length: 20 }, (_, index) => `app ${index}`)
    await Promise.all(names.map((name, index) => [here, there][index % 2]!.create(name, by)))
    await Promise.all([here.refresh(), there.refresh()])
    t.strictSame(here.apps, there.apps)
    t.equal(here.apps.length, 21)
    t.equal(new Set(here.apps.map(({ createdAt }) => createdAt)).size, 21)
    t.equal(here.firstApp.name, 'default')
  })

  t.test('there is a bound to how many apps there may be', async (t) => {
    const { store, here } = await open(t, 'most')
    const sql = store.procedures<typeof import('../../shared/directory/sql.ts')>(
      import.meta.resolve('../../shared/directory/sql.ts'),
    )
    t.type(await sql.create('second', { by, most: 2 }), 'string')
    t.equal(await sql.create('third', { by, most: 2 }), null)
    await here.refresh()
    t.equal(here.apps.length, 2)
  })
}
