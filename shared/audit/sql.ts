import { randomUUID } from 'node:crypto'
import type { Database, Sql } from '../database/index.ts'
import type { AuditEntry, AuditRecord, AuditSlice } from './contract.ts'

type Row = Omit<AuditRecord, 'detail'> & { readonly detail: string }
type Detail = Required<AuditRecord>['detail']

/** See `Audit.record`; also within the transaction of what is recorded. */
export async function record(sql: Sql, entry: AuditEntry): Promise<void> {
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
  await sql.insert({ into: 'audit', rows: [row] })
}

/** Later than every record. */
const beginning = { at: '9999-12-31T23:59:59.999Z', id: '' }
/** The SQL of a page. */
export const pages = {
  everything: pageWhere('true'),
  // The condition of an index, to the letter.
  'api-key': pageWhere(`action like 'api-key.%'`),
}

function pageWhere(condition: string): string {
  return `select id, app, at, action, actor, ip, target, detail from audit
    where app = $1 and (at, id) < ($2, $3) and ${condition}
    order by at desc, id desc limit $4`
}

/** See `Audit.list`. */
export async function list(
  db: Database,
  app: string,
  { limit, after = beginning, about }: AuditSlice & { readonly limit: number },
): Promise<AuditRecord[]> {
  const text = pages[about ?? 'everything']
  const rows = await db.query<Row>(text, app, after.at, after.id, limit)
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as Detail }))
}

/** See `Audit.purgeOlderThan`. */
export async function purgeOlderThan(db: Database, before: string, limit: number): Promise<number> {
  const gone = await db.query(
    `delete from audit where id in (select id from audit where at < $1 order by at limit $2)
     returning id`,
    before,
    limit,
  )
  return gone.length
}
