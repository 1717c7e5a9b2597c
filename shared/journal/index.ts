import type { Store } from '../database/index.ts'
import type { Journal } from './contract.ts'

export { digestOf } from './digest.ts'
export { newDeliveryId } from './deliveries/id.ts'
export { openDeliveries } from './deliveries/index.ts'
export { packRaw, sealPlace } from './deliveries/raw.ts'
export { listOfAddress, listOfAgent, maxGroups, openCalls, wordsOf } from './calls/index.ts'
export type {
  CallEvents,
  CallQuery,
  Calls,
  EventsOfCall,
  Group,
  ListedCall,
  ListedCalls,
  Place,
} from './calls/index.ts'
export { openVoicemails } from './voicemails/index.ts'
export type { VoicemailFilter, VoicemailPosition, Voicemails } from './voicemails/contract.ts'
export type {
  Deliveries,
  DeliveryFilter,
  DeliveryItem,
  DeliveryPage,
  DeliveryRange,
  DeliveryStatus,
  KeptDelivery,
  Purged,
  Revived,
  Told,
} from './deliveries/contract.ts'
export type {
  Appended,
  Journal,
  JournalRow,
  LiveCalls,
  NewDelivery,
  Pruned,
  PruneOptions,
  StaleOptions,
} from './contract.ts'

/** Opens the journal in a store; a fresh store gets its epoch here. */
export async function openJournal(store: Store): Promise<Journal> {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  const retention = store.procedures<typeof import('./retention.ts')>(
    import.meta.resolve('./retention.ts'),
  )
  const epoch = await sql.epoch()
  return {
    epoch,
    append: (batch) => sql.append(batch),
    read: (app, after, limit) => sql.read(app, after, limit),
    setMilestones: (at) => sql.setMilestones(at),
    milestone: (app, before) => sql.milestone(app, before),
    heads: async (apps) => new Map(await sql.heads(apps)),
    liveCalls: (app, limit) => sql.liveCalls(app, limit),
    resolveCall: (app, id) => sql.resolveCall(app, id),
    prune: (app, options) => retention.prune(app, options),
    endStale: (app, options) => sql.endStale(app, options),
    voicemails: (app, limit) => sql.voicemails(app, limit),
  }
}

/**
 * Gives the journal of a store that went back in time another epoch, so that no cursor of before fits it any more.
 * Processes that have the journal open keep the old one. @returns null if nothing ever opened a journal in the store
 */
export function renewEpoch(store: Store): Promise<{ before: string; after: string } | null> {
  const module = import.meta.resolve('./epoch.ts')
  return store.procedures<typeof import('./epoch.ts')>(module).renew()
}
