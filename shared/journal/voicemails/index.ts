import type { Store } from '../../database/index.ts'
import type { Voicemails } from './contract.ts'

/** Opens the voicemails of a store's journal. */
export function openVoicemails(store: Store): Voicemails {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  return {
    list: (filter) => sql.list(filter),
    get: (app, id) => sql.get(app, id),
    ofCall: (app, call) => sql.ofCall(app, call),
    listOld: () => sql.listOld(),
  }
}
