import { raise } from '../database/revisions.ts'
import type { Database, Value } from '../database/index.ts'
import type { AgentRow, Change, News, NodeRow, Part, SocketsRow, Waste } from './contract.ts'

const name = 'presence'

const columns: Readonly<Record<Part, readonly string[]>> = {
  name: ['name'],
  said: ['state', 'note', 'since'],
  sip: ['sip'],
  provider: ['provider'],
  seen: ['seen'],
}

/** See `PresenceRows.beat`. */
export async function beat(db: Database, id: string, seen_at: string): Promise<boolean> {
  const text = 'update nodes set seen_at = $2, left_at = null where id = $1 returning id'
  const known = await db.query(text, id, seen_at)
  if (known.length > 0) return true
  await db.insert({ into: 'nodes', rows: [{ id, seen_at, left_at: null }] })
  return false
}

/** See `PresenceRows.leave`. */
export async function leave(db: Database, id: string, at: string): Promise<void> {
  await db.query('update nodes set left_at = $2 where id = $1', id, at)
}

/** See `PresenceRows.write`. */
export function write(db: Database, { agents, sockets, at }: Change): Promise<void> {
  return db.transaction(async (sql) => {
    const revision = await raise(sql, name)
    const stamp = { changed_at: at, revision }
    const put = async (
      into: string,
      rows: readonly (AgentRow | SocketsRow)[],
      conflict: { key: string; update: readonly string[] },
    ): Promise<void> => {
      if (rows.length === 0) return
      const update = [...conflict.update, ...Object.keys(stamp)]
      const stamped = rows.map((row) => ({ ...row, ...stamp }))
      await sql.insert({ into, rows: stamped, conflict: { key: conflict.key, update } })
    }
    const parts = Object.entries(columns) as [Part, readonly string[]][]
    await Promise.all([
      ...parts.map(([part, update]) => put(name, agents[part], { key: 'app, agent', update })),
      put('presence_sockets', sockets, { key: 'app, agent, node', update: ['sockets'] }),
    ])
  })
}

/** See `PresenceRows.look`. */
export async function look(db: Database, after: number): Promise<News> {
  const rows = await db.query<Node>(
    `select id, seen_at, left_at, (select value from revisions where name = $1) as revision
     from nodes`,
    name,
  )
  const nodes = rows.map(nodeOf)
  const revision = rows[0]?.revision ?? 0
  if (revision === after) return { revision, nodes, agents: [], sockets: [] }
  const [sockets, agents] = await Promise.all([
    changed<SocketsRow>(db, 'app, agent, node, sockets', {
      from: 'presence_sockets',
      key: ['app', 'agent', 'node'],
      after,
    }),
    changed<AgentRow>(db, 'app, agent, name, state, note, since, sip, provider, seen', {
      from: name,
      key: ['app', 'agent'],
      after,
    }),
  ])
  return { revision, nodes, agents, sockets }
}

interface Node {
  id: string
  seen_at: string
  left_at: string | null
  revision: number | null
}

function nodeOf({ id, seen_at: seenAt, left_at: leftAt }: Node): NodeRow {
  return { id, seenAt, leftAt }
}

/** Rows of a statement. */
const page = 1_000

/** Reads what was written after a revision, page by page: after a start, that is all there is. */
async function changed<Row extends AgentRow | SocketsRow>(
  db: Database,
  what: string,
  { from, key, after }: { from: string; key: readonly (keyof Row & string)[]; after: number },
): Promise<Row[]> {
  const order = ['revision', ...key].join(', ')
  const places = ['revision', ...key].map((_, index) => `$${index + 1}`)
  const text = `select ${what}, revision from ${from} where (${order}) > (${places.join(', ')})
    order by ${order} limit ${page}`
  const found: Row[] = []
  let last: Value[] = [after + 1, ...key.map(() => '')]
  for (;;) {
    const rows = await db.query<Row & { revision: number }>(text, ...last)
    found.push(...rows)
    const end = rows.at(-1)
    if (!end || rows.length < page) return found
    last = [end.revision, ...key.map((column) => String(end[column]))]
  }
}

/** Agents forgotten at a time. */
const maxForgotten = 500

/** See `PresenceRows.sweep`. */
export async function sweep(
  db: Database,
  { node, noneSince, gone, silentSince }: Waste,
): Promise<void> {
  await db.transaction(async (sql) => {
    // Nobody writes meanwhile, nor sweeps: who deletes the same rows in another order would lock us, and we them.
    await sql.query('update revisions set value = value where name = $1', name)
    const ids = JSON.stringify(gone)
    await sql.query(
      'delete from presence_sockets where node = $1 and sockets = 0 and changed_at <= $2',
      node,
      noneSince,
    )
    await sql.query(`delete from presence_sockets where node ${sql.among('$1')}`, ids)
    await sql.query(`delete from nodes where id ${sql.among('$1')}`, ids)
    await sql.query(
      `delete from presence where (app, agent) in (
         select app, agent from presence
         where changed_at <= $1 and provider is null and (sip is null or sip <> 'registered')
         and not exists (
           select 1 from presence_sockets
           where presence_sockets.app = presence.app and presence_sockets.agent = presence.agent
           and sockets > 0)
         order by changed_at limit ${maxForgotten})`,
      silentSince,
    )
  })
}
