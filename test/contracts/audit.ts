import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { openAudit } from '@switchhook/shared/audit'
import type { OpenStore } from '../kit/opened-journal.ts'

/** What every store promises of the audit. */
export function auditContract(t: Test, openStore: OpenStore): void {
  t.test('what was recorded is listed as it was said, of its own app alone', async (t) => {
    const audit = openAudit(await openStore(t, 'listed'))
    const app = randomUUID()
    const entry = {
      app,
      action: 'provider.removed',
      actor: 'internal',
      ip: '192.0.2.7',
      target: 'twilio',
    }
    await audit.record({ ...entry, detail: { of: ['Zoë', 1, null] } })
    await audit.record({ ...entry, app: null, ip: null, target: null })
    const [record, ...others] = await audit.list(app, 10)
    t.match(record, { ...entry, id: /^[0-9a-f-]{36}$/, at: /^\d{4}-.*\.\d{3}Z$/ })
    t.strictSame(record!.detail, { of: ['Zoë', 1, null] })
    t.strictSame(others, [])
    t.strictSame(await audit.list(randomUUID(), 10), [])
  })

  t.test('page after page shows every record once, the latest first', async (t) => {
    const audit = openAudit(await openStore(t, 'pages'))
    const app = randomUUID()
    const entry = { app, actor: 'system', ip: null, target: 't' }
    for (let count = 0; count < 9; count += 1) {
      const action = count % 3 === 0 ? 'api-key.created' : `app.changed`
      await audit.record({ ...entry, action, detail: { count } })
    }
    const all = await audit.list(app, 100)
    const isOrdered = all.every(({ at, id }, index) => {
      const after = all[index + 1]
      return !after || at > after.at || (at === after.at && id > after.id)
    })
    t.ok(isOrdered)
    const read: unknown[] = []
    for (let after: (typeof all)[number] | undefined; ;) {
      const page = await audit.list(app, 4, { after })
      read.push(...page)
      after = page.at(-1)
      if (page.length < 4) break
    }
    t.strictSame(read, all)
    const ofKeys = await audit.list(app, 2, { about: 'api-key' })
    const rest = await audit.list(app, 2, { about: 'api-key', after: ofKeys[1] })
    t.strictSame(
      [...ofKeys, ...rest],
      all.filter(({ action }) => action === 'api-key.created'),
    )
  })
}
