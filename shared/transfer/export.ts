import { createHash } from 'node:crypto'
import { failedAt, TransferError } from './errors.ts'
import { format, lineOf, rowLines } from './format.ts'
import { tables } from './tables.ts'
import type { Value } from '../database/index.ts'
import type { Moved, TransferSql, Watch, Write } from './contract.ts'
import type { Row } from './sql.ts'

/** See `exportStore`. */
export async function exportRows(sql: TransferSql, write: Write, watch: Watch): Promise<Moved> {
  const { migration, epoch } = await sql.begin('read').catch(failedAt('it was asked'))
  if (epoch === null)
    throw new TransferError('the store is empty: no service was started on it yet')
  const hash = createHash('sha256')
  const put = (octets: Buffer): Promise<void> => {
    hash.update(octets)
    return write(octets)
  }
  const exportedAt = new Date().toISOString()
  await put(lineOf({ switchhook: 'export', format, migration, exportedAt, epoch }))
  const rows: Record<string, number> = Object.fromEntries(tables.map(({ name }) => [name, 0]))
  let total = 0
  for await (const { table, page } of pagesOf(sql)) {
    watch.signal.throwIfAborted()
    await put(rowLines(table, page))
    rows[table]! += page.length
    watch.onRows?.((total += page.length))
  }
  const sha256 = hash.digest('hex')
  await write(lineOf({ rows, sha256 }))
  return { epoch, migration, rows, sha256 }
}

async function* pagesOf(sql: TransferSql): AsyncGenerator<{ table: string; page: Row[] }> {
  for (const { name, key, passing } of tables) {
    if (passing) continue
    let after: Value[] = []
    for (;;) {
      const page = await sql.page(name, after).catch(failedAt('it was read'))
      const last = page.at(-1)
      if (!last) break
      yield { table: name, page }
      after = key.map((column) => last[column]!)
    }
  }
}
