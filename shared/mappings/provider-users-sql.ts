import type { Database, Sql, Value } from '../database/index.ts'
import type { ProviderUser, SeenFilter, SeenUser } from './contract.ts'

type Noted = ProviderUser & { readonly app: string }

interface Row extends ProviderUser {
  readonly first_seen_at: string
  readonly last_seen_at: string
}

/** Users of an app that are kept. */
const maxUsers = 10_000

/** See `ProviderUsers.note`; values and addresses are canonical. */
export async function note(db: Database, users: readonly Noted[]): Promise<void> {
  const now = new Date().toISOString()
  const rows = users
    .map((user) => ({ ...user, first_seen_at: now, last_seen_at: now }))
    // Two hubs that note the same ones at the same time lock them in one order.
    .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  const conflict = { key: 'app, provider, value', update: ['email', 'name', 'last_seen_at'] }
  await db.transaction(async (sql) => {
    await sql.insert({ into: 'provider_users', rows, conflict })
    for (const app of new Set(users.map((user) => user.app))) await forget(sql, app)
  })
}

/** See `ProviderUsers.unmapped`. */
export async function unmapped(
  db: Database,
  app: string,
  { after, limit }: SeenFilter,
): Promise<SeenUser[]> {
  const place: Value[] = after ? [after.lastSeenAt, after.provider, after.value] : []
  const rows = await db.query<Row>(
    `select provider, value, email, name, first_seen_at, last_seen_at from provider_users as seen
     where app = $1 ${after ? 'and (last_seen_at, provider, value) < ($3, $4, $5)' : ''}
       and not ${isMapped('value')} and not ${isMapped('email')}
     order by last_seen_at desc, provider desc, value desc limit $2`,
    app,
    limit,
    ...place,
  )
  return rows.map(({ first_seen_at: firstSeenAt, last_seen_at: lastSeenAt, ...user }) => ({
    ...user,
    firstSeenAt,
    lastSeenAt,
  }))
}

/** Whether somebody is mapped by this column. */
function isMapped(column: 'value' | 'email'): string {
  return `exists (select 1 from user_mappings as mapping where mapping.app = seen.app
    and mapping.kind = 'provider_user' and mapping.provider = seen.provider
    and mapping.value = seen.${column})`
}

/** Takes away those that were not seen for longest, beyond so many. */
async function forget(sql: Sql, app: string): Promise<void> {
  await sql.query(
    `delete from provider_users where app = $1 and (last_seen_at, provider, value) <= (
       select last_seen_at, provider, value from provider_users where app = $1
       order by last_seen_at desc, provider desc, value desc limit 1 offset $2)`,
    app,
    maxUsers,
  )
}

function keyOf({ app, provider, value }: Noted): string {
  return `${app}\n${provider}\n${value}`
}
