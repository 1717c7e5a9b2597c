import type { Store } from '../database/index.ts'
import type { Audit } from './contract.ts'

export type { Audit, AuditEntry, AuditRecord, AuditSlice, By } from './contract.ts'

/** Opens the audit log of a store. */
export function openAudit(store: Store): Audit {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  return {
    record: (entry) => sql.record(entry),
    list: (app, limit, slice) => sql.list(app, { ...slice, limit }),
    purgeOlderThan: (before, limit) => sql.purgeOlderThan(before, limit),
  }
}
