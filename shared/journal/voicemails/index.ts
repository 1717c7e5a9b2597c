import type { Store } from '../../database/index.ts'
import type { Voicemails } from './contract.ts'

/** Opens the voicemails of a store's journal. */
export function openVoicemails(store: Store): Voicemails {
  const sql = store.procedures<typeof import('./read.ts')>(import.meta.resolve('./read.ts'))
  return {
    list: (filter) => sql.list(filter),
    get: (app, id) => sql.get(app, id),
    ofCalls: async (app, calls) => {
      const rows = calls.length === 0 ? [] : await sql.ofCalls(app, calls)
      const byCall = Map.groupBy(rows, ({ call }) => call)
      return new Map([...byCall].map(([call, own]) => [call, own.map(({ id }) => id)]))
    },
  }
}
