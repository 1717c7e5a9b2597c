import { deliveryRows } from './rows.ts'
import type { Sql } from '../database/index.ts'
import type { NewDelivery } from './contract.ts'

/**
 * Of deliveries whose keys are taken, keeps those that contradict what was known: the same event, told with another
 * meaning. Under a key with their meaning in it, so that each is kept once. They have no events.
 * @returns the ids of those that were kept
 */
export async function keepConflicts(
  sql: Sql,
  copies: readonly NewDelivery[],
): Promise<Set<string>> {
  const rows = await Promise.all(
    [...Map.groupBy(copies, ({ app }) => app)].map(([app, some]) => rowsOf(sql, app, some)),
  )
  const all = rows.flat()
  if (all.length === 0) return new Set()
  const kept = await sql.insert<{ id: string }>({
    into: 'deliveries',
    rows: all,
    conflict: 'ignore',
    returning: 'id',
  })
  return new Set(kept.map(({ id }) => id))
}

async function rowsOf(sql: Sql, app: string, copies: readonly NewDelivery[]) {
  const stored = await sql.query<{ provider: string; dedupe_key: string; digest: Uint8Array }>(
    `select provider, dedupe_key, digest from deliveries
     where app = $1 and provider ${sql.among('$2')} and dedupe_key ${sql.among('$3')}
     and digest is not null`,
    app,
    JSON.stringify([...new Set(copies.map(({ provider }) => provider))]),
    JSON.stringify(copies.map(({ dedupeKey }) => dedupeKey)),
  )
  const digests = new Map(
    stored.map(({ provider, dedupe_key, digest }) => [
      JSON.stringify([provider, dedupe_key]),
      hex(digest),
    ]),
  )
  const contradicting = copies.flatMap((copy) => {
    const known = digests.get(JSON.stringify([copy.provider, copy.dedupeKey]))
    const told = copy.digest && hex(copy.digest)
    if (known === undefined || told === null || told === known) return []
    return [{ ...copy, dedupeKey: `${copy.dedupeKey}#${told}` }]
  })
  return deliveryRows(contradicting).map((row) => ({ ...row, verdict: 'conflict' }))
}

function hex({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex')
}
