import type { Database, Sql, Value } from '../database/index.ts'
import type { Connection, ConnectionKey, ConnectionState } from './contract.ts'

/** A row as it lies in the store. */
export interface SealedConnection extends Connection {
  readonly sealed: Uint8Array
}

/** A one-use secret as it lies in the store. */
export interface SealedConsent extends ConnectionKey {
  readonly id: string
  readonly kind: string
  readonly sealed: Uint8Array
  readonly expiresAt: string
}

/** Who holds a connection, and until when. */
export interface Lease {
  readonly lease: string
  readonly now: string
  readonly until: string
  readonly create: boolean
}

interface Row {
  app: string
  provider: string
  status: Connection['status']
  reason: string | null
  expires_at: string | null
  connected_at: string | null
  webhook_id: string | null
  subscription_id: string | null
  attempts: number
  retry_at: string | null
  sealed: Uint8Array
  updated_at: string
}

const visible = `app, provider, status, reason, expires_at, connected_at, webhook_id, subscription_id,
  attempts, retry_at, updated_at`

/** See `Connections.list`. */
export async function list(db: Database, app: string): Promise<Connection[]> {
  const text = `select ${visible} from connections where app = $1 order by provider`
  const rows = await db.query<Omit<Row, 'sealed'>>(text, app)
  return rows.map(connectionOf)
}

/** See `Connections.get`. */
export function get(db: Database, key: ConnectionKey): Promise<SealedConnection | null> {
  return find(db, key)
}

/** See `Connections.hold`; `lease.lease` is a word that nobody else has. */
export function hold(
  db: Database,
  { app, provider }: ConnectionKey,
  { lease, now, until, create }: Lease,
): Promise<SealedConnection | 'none' | 'busy'> {
  return db.transaction(async (sql) => {
    if (create) {
      await sql.insert({
        into: 'connections',
        rows: [empty(app, provider, now)],
        conflict: 'ignore',
      })
    }
    const held = await sql.query(
      `update connections set lease = $3, lease_until = $4
       where app = $1 and provider = $2 and (lease is null or lease_until <= $5) returning app`,
      app,
      provider,
      lease,
      until,
      now,
    )
    const found = await find(sql, { app, provider })
    if (!found) return 'none'
    return held.length > 0 ? found : 'busy'
  })
}

/** Writes a connection. @returns whether the lease still held */
export async function save(
  db: Database,
  { app, provider, sealed, ...state }: ConnectionKey & ConnectionState & { sealed: Uint8Array },
  { lease, now }: Pick<Lease, 'lease' | 'now'>,
): Promise<boolean> {
  const columns = { ...columnsOf(state), sealed, updated_at: now }
  const names = Object.keys(columns)
  const values: Value[] = Object.values(columns)
  const rows = await db.query(
    `update connections set ${names.map((name, index) => `${name} = $${index + 4}`).join(', ')}
     where app = $1 and provider = $2 and lease = $3 returning app`,
    app,
    provider,
    lease,
    ...values,
  )
  return rows.length > 0
}

/** Gives a connection back, if it is still held. */
export async function release(db: Database, key: ConnectionKey, lease: string): Promise<void> {
  await db.query(
    `update connections set lease = null, lease_until = null
     where app = $1 and provider = $2 and lease = $3`,
    key.app,
    key.provider,
    lease,
  )
}

/** Takes a connection away. @returns whether the lease still held */
export async function remove(db: Database, key: ConnectionKey, lease: string): Promise<boolean> {
  const rows = await db.query(
    'delete from connections where app = $1 and provider = $2 and lease = $3 returning app',
    key.app,
    key.provider,
    lease,
  )
  return rows.length > 0
}

/** See `Connections.due`. */
export function due(db: Database, now: string, limit: number): Promise<ConnectionKey[]> {
  return db.query<ConnectionKey>(
    'select app, provider from connections where retry_at <= $1 order by retry_at, app limit $2',
    now,
    limit,
  )
}

/** See `Connections.addConsent`. */
export function addConsent(
  db: Database,
  consent: SealedConsent,
  { now, keep }: { readonly now: string; readonly keep: number },
): Promise<void> {
  const { id, app, provider, kind, sealed, expiresAt } = consent
  return db.transaction(async (sql) => {
    await sql.query('delete from consents where expires_at <= $1', now)
    await sql.query(
      `delete from consents where app = $1 and provider = $2 and kind = $3 and id not in (
         select id from consents where app = $1 and provider = $2 and kind = $3
         order by expires_at desc, id limit $4)`,
      app,
      provider,
      kind,
      keep - 1,
    )
    const row = { id, app, provider, kind, sealed, expires_at: expiresAt }
    await sql.insert({ into: 'consents', rows: [row] })
  })
}

/** See `Connections.takeConsent`. */
export async function takeConsent(
  db: Database,
  id: string,
  kind: string,
): Promise<SealedConsent | null> {
  const [row] = await db.query<Omit<SealedConsent, 'expiresAt'> & { expires_at: string }>(
    `delete from consents where id = $1 and kind = $2
     returning id, app, provider, kind, sealed, expires_at`,
    id,
    kind,
  )
  if (!row) return null
  const { expires_at: expiresAt, ...rest } = row
  return { ...rest, expiresAt }
}

async function find(sql: Sql, { app, provider }: ConnectionKey): Promise<SealedConnection | null> {
  const text = `select ${visible}, sealed from connections where app = $1 and provider = $2`
  const [row] = await sql.query<Row>(text, app, provider)
  return row ? { ...connectionOf(row), sealed: row.sealed } : null
}

/** A connection of which nothing is known but that somebody is about to make it. */
function empty(app: string, provider: string, now: string) {
  const state = {
    status: 'connecting',
    reason: null,
    expiresAt: null,
    connectedAt: null,
    webhookId: null,
    subscriptionId: null,
    attempts: 0,
    retryAt: null,
  } as const
  return { app, provider, ...columnsOf(state), sealed: new Uint8Array(), updated_at: now }
}

function columnsOf(state: ConnectionState) {
  return {
    status: state.status,
    reason: state.reason,
    expires_at: state.expiresAt,
    connected_at: state.connectedAt,
    webhook_id: state.webhookId,
    subscription_id: state.subscriptionId,
    attempts: state.attempts,
    retry_at: state.retryAt,
  }
}

function connectionOf(row: Omit<Row, 'sealed'>): Connection {
  return {
    app: row.app,
    provider: row.provider,
    status: row.status,
    reason: row.reason,
    expiresAt: row.expires_at,
    connectedAt: row.connected_at,
    webhookId: row.webhook_id,
    subscriptionId: row.subscription_id,
    attempts: row.attempts,
    retryAt: row.retry_at,
    updatedAt: row.updated_at,
  }
}
