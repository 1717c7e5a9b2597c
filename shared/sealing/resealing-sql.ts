import type { Database, Value } from '../database/index.ts'

/** A table as SQL needs to know it. */
export interface Named {
  readonly name: string
  readonly order: readonly string[]
}

/** A row that is sealed; `values` are those of the table's order. */
export interface SealedRow {
  readonly values: readonly string[]
  readonly sealed: Uint8Array
}

/** New octets for a row, if it still begins with `head`. */
export interface Replacement extends SealedRow {
  readonly head: Uint8Array
}

/** How far the re-sealing is. */
export interface Progress {
  /** How everything begins that is sealed with the key it is done for, hexadecimal. */
  readonly mark: string
  /** The table, and the last row that was looked at; null: at the beginning. */
  readonly place: { readonly index: number; readonly after: readonly string[] | null } | null
  /** Rows under an older key that this pass has met. */
  readonly found: number
  /** When a pass ended that met none, RFC 3339. */
  readonly doneAt: string | null
}

/** Who is at it, and until when unless it says so again. */
export interface Lease {
  readonly mark: string
  readonly holder: string
  readonly now: string
  readonly until: string
}

interface Bounds {
  readonly after: readonly string[] | null
  /** The first octets of what need not be looked at, hexadecimal, and how many they are. */
  readonly mark: string
  readonly length: number
  readonly looked: number
  readonly rewritten: number
  readonly bytes: number
}

type Looked = Record<string, string> & { readonly bytes: number; readonly mark: Uint8Array }

/** The next rows that begin with another mark. `next`: the last row that was looked at; null: there are no more. */
export async function page(
  db: Database,
  { name, order }: Named,
  { after, mark, length, ...most }: Bounds,
): Promise<{ rows: SealedRow[]; next: readonly string[] | null }> {
  const columns = order.join(', ')
  const places = order.map((_, index) => `$${index + 1}`).join(', ')
  const looked = await db.query<Looked>(
    `select ${columns}, length(sealed) as bytes, substr(sealed, 1, ${length}) as mark from ${name}
     where length(sealed) > 0 ${after ? `and (${columns}) > (${places})` : ''}
     order by ${columns} limit ${most.looked}`,
    ...(after ?? []),
  )
  const chosen: string[][] = []
  let bytes = 0
  let next: readonly string[] | null = null
  for (const row of looked) {
    const values = order.map((column) => row[column]!)
    if (Buffer.from(row.mark).toString('hex') !== mark) {
      // One is taken in any case, however large.
      if (chosen.length === most.rewritten || (bytes > 0 && bytes + row.bytes > most.bytes)) {
        return { rows: await contents(db, { name, order }, chosen), next }
      }
      chosen.push(values)
      bytes += row.bytes
    }
    next = values
  }
  const isLast = looked.length < most.looked
  return { rows: await contents(db, { name, order }, chosen), next: isLast ? null : next }
}

async function contents(
  db: Database,
  { name, order }: Named,
  chosen: readonly (readonly string[])[],
): Promise<SealedRow[]> {
  const text = `select sealed from ${name} where ${keyed(order)} and length(sealed) > 0`
  const found = await Promise.all(
    chosen.map((values) => db.query<{ sealed: Uint8Array }>(text, ...values)),
  )
  // Some may be gone since.
  return found.flatMap(([row], index) => (row ? [{ values: chosen[index]!, ...row }] : []))
}

/** Writes new octets over those of rows that nobody changed meanwhile. @returns how many they were */
export function replace(
  db: Database,
  { name, order }: Named,
  ...[rows, length]: [rows: readonly Replacement[], length: number]
): Promise<number> {
  if (rows.length === 0) return Promise.resolve(0)
  const [sealed, head] = [`$${order.length + 1}`, `$${order.length + 2}`]
  return db.transaction(async (sql) => {
    const replaced = await Promise.all(
      rows.map((row) =>
        sql.query(
          `update ${name} set sealed = ${sealed}
           where ${keyed(order)} and substr(sealed, 1, ${length}) = ${head} returning 1 as one`,
          ...row.values,
          row.sealed,
          row.head,
        ),
      ),
    )
    return replaced.flat().length
  })
}

/** How the rows at the ends of a table begin, hexadecimal, each once. */
export async function marks(
  db: Database,
  { name, order }: Named,
  { length, limit }: { readonly length: number; readonly limit: number },
): Promise<string[]> {
  const end = (direction: 'asc' | 'desc') =>
    db.query<{ mark: Uint8Array }>(
      `select substr(sealed, 1, ${length}) as mark from ${name} where length(sealed) > 0
       order by ${order.map((column) => `${column} ${direction}`).join(', ')} limit $1`,
      limit,
    )
  const rows = (await Promise.all([end('asc'), end('desc')])).flat()
  return [...new Set(rows.map(({ mark }) => Buffer.from(mark).toString('hex')))]
}

interface Row {
  readonly mark: string
  readonly place: string | null
  readonly found: number
  readonly done_at: string | null
}

/** How far it is; null if nobody ever began. */
export async function progress(db: Database): Promise<Progress | null> {
  const [row] = await db.query<Row>('select mark, place, found, done_at from resealing')
  return row ? progressOf(row) : null
}

/** Takes the work. @returns how far it is; null if another is at it */
export function hold(db: Database, { mark, holder, now, until }: Lease): Promise<Progress | null> {
  return db.transaction(async (sql) => {
    await sql.insert({
      into: 'resealing',
      rows: [
        { one: 1, mark, place: null, found: 0, done_at: null, holder: null, held_until: null },
      ],
      conflict: 'ignore',
    })
    const [row] = await sql.query<Row>(
      `update resealing set holder = $1, held_until = $2
       where one = 1 and (holder is null or holder = $1 or held_until <= $3)
       returning mark, place, found, done_at`,
      holder,
      until,
      now,
    )
    return row ? progressOf(row) : null
  })
}

/** Notes how far it is. @returns whether nobody else has taken the work */
export async function save(
  db: Database,
  { mark, place, found, doneAt }: Progress,
  { holder, until }: Lease,
): Promise<boolean> {
  const values: Value[] = [mark, place && JSON.stringify(place), found, doneAt, until, holder]
  const rows = await db.query(
    `update resealing set mark = $1, place = $2, found = $3, done_at = $4, held_until = $5
     where one = 1 and holder = $6 returning one`,
    ...values,
  )
  return rows.length > 0
}

/** Lets others go on. */
export async function release(db: Database, holder: string): Promise<void> {
  await db.query(
    'update resealing set holder = null, held_until = null where one = 1 and holder = $1',
    holder,
  )
}

function keyed(order: readonly string[]): string {
  return order.map((column, index) => `${column} = $${index + 1}`).join(' and ')
}

function progressOf({ mark, place, found, done_at: doneAt }: Row): Progress {
  return { mark, place: place === null ? null : JSON.parse(place), found, doneAt }
}
