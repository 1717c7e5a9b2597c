import { failedAt, TransferError } from './errors.ts'
import { linesOf } from './lines.ts'
import { Reading } from './reading.ts'
import type { Moved, TransferSql, Watch } from './contract.ts'
import type { Row } from './sql.ts'

/** A statement takes so many rows, or so many octets of lines. */
const maxRows = 500
const maxOctets = 2 * 1024 * 1024

/** See `importStore`. */
export async function importRows(
  sql: TransferSql,
  source: AsyncIterable<Buffer>,
  watch: Watch,
): Promise<Moved> {
  const { migration } = await sql.begin('alone').catch(failedAt('it was asked'))
  await refuseUnlessEmpty(sql)
  const columns = await sql.clear().catch(failedAt('it was emptied'))
  // A process may have appended between the two; without its counter it no longer can.
  await refuseUnlessEmpty(sql)
  const reading = new Reading({ migration, columns })
  const batch = new Batch(sql)
  let total = 0
  for await (const line of linesOf(source)) {
    watch.signal.throwIfAborted()
    const read = reading.take(line)
    if (!read) continue
    await batch.add(read, line.length)
    watch.onRows?.((total += 1))
  }
  await batch.write()
  const moved = reading.end()
  await sql.commit().catch(failedAt('it was written'))
  return moved
}

async function refuseUnlessEmpty(sql: TransferSql): Promise<void> {
  const names = await sql.occupied().catch(failedAt('it was asked'))
  if (names.length === 0) return
  throw new TransferError(
    `the store is in use, it has ${names.join(', ')} already; import into an empty one: ` +
      'a new DATA_DIR, or a new database (createdb)',
  )
}

/** Rows of one table on their way into it. */
class Batch {
  readonly #sql: TransferSql
  #table = ''
  #rows: Row[] = []
  #octets = 0

  constructor(sql: TransferSql) {
    this.#sql = sql
  }

  /** Adds a row that took so many octets; what has gathered is written when it is enough. */
  async add({ table, row }: { table: string; row: Row }, octets: number): Promise<void> {
    if (table !== this.#table) await this.write()
    this.#table = table
    this.#rows.push(row)
    this.#octets += octets
    if (this.#rows.length >= maxRows || this.#octets >= maxOctets) await this.write()
  }

  async write(): Promise<void> {
    if (this.#rows.length === 0) return
    await this.#sql
      .put(this.#table, this.#rows)
      .catch(failedAt(`it took rows of ${this.#table}; was the file changed`))
    this.#rows = []
    this.#octets = 0
  }
}
