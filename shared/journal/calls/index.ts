import type { Store } from '../../database/index.ts'
import type { Calls } from './contract.ts'

export type {
  CallEvents,
  CallQuery,
  Calls,
  EventsOfCall,
  Group,
  ListedCall,
  ListedCalls,
  Place,
} from './contract.ts'
export { listOfAddress, listOfAgent, wordsOf } from './lists.ts'
export { maxGroups } from './walk.ts'

/** Opens the calls of a store. */
export function openCalls(store: Store): Calls {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  return {
    list: (app, query) => sql.list(app, query),
    find: (app, id) => sql.find(app, id),
    events: (app, asked) => sql.events(app, asked),
    listOld: () => sql.listOld(),
  }
}
