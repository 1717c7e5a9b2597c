import { createHash } from 'node:crypto'
import {
  digestOf,
  newDeliveryId,
  packRaw,
  sealPlace,
  type NewDelivery,
} from '@switchhook/shared/journal'
import type { Delivery, Normalised, Provider } from '@switchhook/shared/providers'
import type { Sealing } from '@switchhook/shared/sealing'

/** An authentic delivery. */
export interface Authentic {
  readonly app: string
  readonly provider: Provider
  readonly delivery: Delivery
  /** RFC 3339. */
  readonly receivedAt: string
}

/** A delivery as it is kept, in the spool and in the store. */
export interface Kept {
  readonly id: string
  readonly app: string
  readonly receivedAt: string
  readonly sealed: Uint8Array
}

/** Says what an authentic delivery means, and seals it as it came. */
export function normalise(authentic: Authentic, sealing: Sealing): NewDelivery {
  const { app, delivery, receivedAt } = authentic
  const id = newDeliveryId(receivedAt)
  const sealed = sealing.seal(packRaw(delivery), sealPlace(app, id))
  return meaningOf(authentic, { id, app, receivedAt, sealed })
}

/** Says what a delivery means that was kept; nothing is verified again, for signatures age. */
export function normaliseAgain(kept: Kept, provider: Provider, delivery: Delivery): NewDelivery {
  const { app, receivedAt } = kept
  return meaningOf({ app, provider, delivery, receivedAt }, kept)
}

/**
 * One that can mean nothing is kept as quarantined: a retry of the provider would bring the same bytes, a later
 * version of this code may understand them.
 */
function meaningOf(
  { provider, delivery, receivedAt }: Authentic,
  { id, app, sealed }: Kept,
): NewDelivery {
  const meaning = provider.normalise(delivery, receivedAt)
  return {
    id,
    app,
    provider: provider.name,
    dedupeKey: meaning.ok ? meaning.dedupeKey : bodyKey(delivery.body),
    receivedAt,
    sealed,
    events: meaning.ok ? meaning.events : [],
    quarantine: quarantineReason(meaning),
    digest: meaning.ok ? digestOf(meaning.events, receivedAt) : null,
  }
}

/** Only a delivery that nobody can read is told apart by its bytes. */
function bodyKey(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

function quarantineReason(meaning: Normalised): string | null {
  return meaning.ok ? null : `${meaning.reason}: ${meaning.detail}`.slice(0, 500)
}
