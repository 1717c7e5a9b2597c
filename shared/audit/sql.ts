import { randomUUID } from 'node:crypto'
import type { Database } from '../database/index.ts'
import type { AuditEntry, AuditRecord } from './contract.ts'

type Row = Omit<AuditRecord, 'detail'> & { readonly detail: string }
type Detail = Required<AuditRecord>['detail']

/** See `Audit.record`. */
export async function record(db: Database, entry: AuditEntry): Promise<void> {
  const row = {
    id: randomUUID(),
    app: entry.app,
    at: new Date().toISOString(),
    action: entry.action,
    actor: entry.actor,
    ip: entry.ip,
    target: entry.target,
    detail: JSON.stringify(entry.detail ?? {}),
  }
  await db.insert({ into: 'audit', rows: [row] })
}

/** See `Audit.list`. */
export async function list(db: Database, app: string, limit: number): Promise<AuditRecord[]> {
  const rows = await db.query<Row>(
    `select id, app, at, action, actor, ip, target, detail from audit
     where app = $1 order by at desc, id desc limit $2`,
    app,
    limit,
  )
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as Detail }))
}
