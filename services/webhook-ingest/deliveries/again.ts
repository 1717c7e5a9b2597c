import { CodedError } from '@switchhook/shared/errors'
import { providerNamed } from '../endpoints.ts'
import { normaliseAgain } from '../normalise.ts'
import { publish } from '../publish.ts'
import { opened } from './opened.ts'
import type { Bus } from '@switchhook/shared/bus'
import type { Deliveries, KeptDelivery } from '@switchhook/shared/journal'
import type { Sealing } from '@switchhook/shared/sealing'

/** What deliveries are read anew with. */
export interface Parts {
  readonly deliveries: Deliveries
  readonly sealing: Sealing
  readonly bus: Bus
}

/** What became of a delivery that was run again. */
export interface Rerun {
  readonly status: 'accepted' | 'duplicate' | 'quarantined'
  readonly events: readonly string[]
}

/**
 * Reads a kept delivery anew. Only a quarantined one can come to mean something; any other already is in the log,
 * under the ids it would get again.
 * @throws CodedError `delivery_purged` or `delivery_sealed`
 */
export async function runAgain(kept: KeptDelivery, parts: Parts): Promise<Rerun> {
  const { id, app, status } = kept
  if (kept.sealed.length === 0) throw new CodedError('delivery_purged', { args: [id] })
  const provider = providerNamed(kept.provider)
  if (status !== 'quarantined' || !provider) return { status: 'duplicate', events: kept.events }
  const record = normaliseAgain(kept, provider, opened(kept, parts.sealing))
  if (record.quarantine !== null) return { status: 'quarantined', events: [] }
  const revived = await parts.deliveries.revive(app, id, record)
  publish(parts.bus, app, revived)
  return { status: revived.status, events: record.events.map((event) => event.id) }
}
