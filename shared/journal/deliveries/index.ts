import type { Store } from '../../database/index.ts'
import type { Deliveries, Purged } from './contract.ts'

/** Deliveries in one transaction, and events that are looked at in one. */
const perStep = 500
/** After everything. */
const evermore = '~'

type Reading = typeof import('./reading.ts')
type Reviving = typeof import('./reviving.ts')
type Telling = typeof import('./told.ts')
type Purging = typeof import('./purging.ts')

/** Opens what came to a store's journal, as it came. */
export function openDeliveries(store: Store): Deliveries {
  const reading = store.procedures<Reading>(import.meta.resolve('./reading.ts'))
  const reviving = store.procedures<Reviving>(import.meta.resolve('./reviving.ts'))
  const telling = store.procedures<Telling>(import.meta.resolve('./told.ts'))
  const purging = store.procedures<Purging>(import.meta.resolve('./purging.ts'))

  async function purgeApp(app: string): Promise<Purged> {
    for (let deliveries = 0; ;) {
      const count = await purging.purgeOlderThan(app, evermore, perStep)
      deliveries += count
      if (count < perStep) return { deliveries, events: 0, calls: 0, voicemails: 0 }
    }
  }

  async function purgeNumber(app: string, number: string): Promise<Purged> {
    const sum = { deliveries: 0, events: 0, calls: 0, voicemails: 0 }
    for (let after: number | null = 0; after !== null;) {
      const step: Awaited<ReturnType<typeof purging.purgeEvents>> = await purging.purgeEvents(app, {
        number,
        after,
        limit: perStep,
      })
      for (const what of Object.keys(sum) as (keyof Purged)[]) sum[what] += step.purged[what]
      after = step.next
    }
    for (let after: string | null = ''; after !== null;) {
      const step: Awaited<ReturnType<typeof purging.purgeVoicemails>> =
        await purging.purgeVoicemails(app, { number, after, limit: perStep })
      sum.voicemails += step.count
      after = step.next
    }
    return sum
  }

  return {
    list: (filter) => reading.list(filter),
    get: (app, id) => reading.get(app, id),
    told: (app, provider, key) => telling.told(app, provider, key),
    range: (app, range) => reading.range(app, range),
    revive: (app, id, delivery) => reviving.revive(app, id, delivery),
    purgeOlderThan: (app, before, limit) => purging.purgeOlderThan(app, before, limit),
    purgeDelivery: (app, id) => purging.purgeDelivery(app, id),
    purge: (app, { number }) => (number === undefined ? purgeApp(app) : purgeNumber(app, number)),
  }
}
