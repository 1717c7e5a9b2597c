import { raise } from '../database/revisions.ts'
import type { Database, Sql, Value } from '../database/index.ts'
import type {
  RegistrarNode,
  Registration,
  RegistrationChange,
  RegistrationFilter,
  RegistrationWaste,
} from './contract.ts'

interface Row {
  id: string
  app: string
  aor: string
  username: string
  contact: string
  instance: string | null
  user_agent: string | null
  address: string
  upstream: string
  connection: string
  granted_seconds: number
  expires_at: string
  registered_at: string
}

const name = 'registrations'
const columns = `id, app, aor, username, contact, instance, user_agent, address, upstream, connection,
  granted_seconds, expires_at, registered_at`

/** See `Registrations.beat`. */
export async function beat(db: Database, id: string, seen_at: string): Promise<boolean> {
  const text = 'update nodes set seen_at = $2 where id = $1 returning id'
  const known = await db.query(text, id, seen_at)
  if (known.length > 0) return true
  await db.insert({ into: 'nodes', rows: [{ id, seen_at, left_at: null }] })
  return false
}

/** See `Registrations.write`. */
export function write(db: Database, { node, kept, gone }: RegistrationChange): Promise<void> {
  return alone(db, async (sql) => {
    const rows = kept.map((one) => ({ ...rowOf(one), node }))
    const update = Object.keys(rows[0] ?? {}).filter((column) => column !== 'id')
    if (rows.length > 0) await sql.insert({ into: name, rows, conflict: { key: 'id', update } })
    if (gone.length === 0) return
    const text = `delete from ${name} where id ${sql.among('$1')} and node = $2`
    await sql.query(text, JSON.stringify(gone), node)
  })
}

/** See `Registrations.list`. */
export async function list(
  db: Database,
  { app, aor, upstream, user, now, after, limit }: RegistrationFilter,
): Promise<Registration[]> {
  const conditions = ['app = $1', 'expires_at > $2']
  const values: Value[] = [app, now]
  const place = (given: Value): string => `$${values.push(given)}`
  for (const [column, wanted] of Object.entries({ aor, upstream, username: user })) {
    if (wanted !== undefined) conditions.push(`${column} = ${place(wanted)}`)
  }
  if (after) {
    conditions.push(`(registered_at, id) < (${place(after.registeredAt)}, ${place(after.id)})`)
  }
  const rows = await db.query<Row>(
    `select ${columns} from ${name} where ${conditions.join(' and ')}
     order by registered_at desc, id desc limit ${place(limit)}`,
    ...values,
  )
  return rows.map(registrationOf)
}

/** The processes whose ids begin so. */
export async function nodes(db: Database, prefix: string): Promise<RegistrarNode[]> {
  const rows = await db.query<{ id: string; seen_at: string }>(
    'select id, seen_at from nodes where id >= $1 and id < $2',
    prefix,
    `${prefix}\u{10ffff}`,
  )
  return rows.map(({ id, seen_at: seenAt }) => ({ id, seenAt }))
}

/** Registrations removed at a time because they are over. */
const maxExpired = 1_000

/** See `Registrations.sweep`. */
export function sweep(db: Database, { gone, expiredSince }: RegistrationWaste): Promise<void> {
  return alone(db, async (sql) => {
    await sql.query(`delete from nodes where id ${sql.among('$1')}`, JSON.stringify(gone))
    await sql.query(
      `delete from ${name} where not exists (select 1 from nodes where nodes.id = ${name}.node)`,
    )
    await sql.query(
      `delete from ${name} where id in (
         select id from ${name} where expires_at <= $1 order by expires_at, id limit ${maxExpired})`,
      expiredSince,
    )
  })
}

/** See `Registrations.leave`. */
export function leave(db: Database, node: string): Promise<void> {
  return alone(db, async (sql) => {
    await sql.query(`delete from ${name} where node = $1`, node)
    await sql.query('delete from nodes where id = $1', node)
  })
}

/** One writer at a time: who writes or deletes the same rows in another order would lock us, and we them. */
function alone(db: Database, work: (sql: Sql) => Promise<void>): Promise<void> {
  return db.transaction(async (sql) => {
    await raise(sql, name)
    await work(sql)
  })
}

function rowOf({
  user,
  userAgent,
  grantedSeconds,
  expiresAt,
  registeredAt,
  ...same
}: Registration) {
  return {
    ...same,
    username: user,
    user_agent: userAgent,
    granted_seconds: grantedSeconds,
    expires_at: expiresAt,
    registered_at: registeredAt,
  }
}

function registrationOf({ username, user_agent, ...row }: Row): Registration {
  const { granted_seconds, expires_at, registered_at, ...same } = row
  return {
    ...same,
    user: username,
    userAgent: user_agent,
    grantedSeconds: granted_seconds,
    expiresAt: expires_at,
    registeredAt: registered_at,
  }
}
