import type { Database } from '../../database/index.ts'
import type { Told } from './contract.ts'

/** See `Deliveries.told`. */
export async function told(
  db: Database,
  ...[app, provider, dedupeKey]: [app: string, provider: string, dedupeKey: string]
): Promise<Told | undefined> {
  const [row] = await db.query<{
    digest: Uint8Array | null
    id: string | null
    seq: number | null
  }>(
    `select digest, events.id as id, seq from deliveries left join events
     on events.app = deliveries.app and events.id = $4
     where deliveries.app = $1 and provider = $2 and dedupe_key = $3`,
    app,
    provider,
    dedupeKey,
    `${provider}:${dedupeKey}`,
  )
  if (!row) return undefined
  const { digest, id, seq } = row
  return { digest, event: id === null || seq === null ? null : { id, seq } }
}
