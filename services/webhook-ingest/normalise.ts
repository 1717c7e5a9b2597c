import { createHash, randomUUID } from 'node:crypto'
import type { NewDelivery } from '@switchhook/shared/journal'
import type { Delivery, Normalised, Provider } from '@switchhook/shared/providers'
import type { Sealing } from '@switchhook/shared/sealing'

export interface Received {
  readonly app: string
  readonly provider: Provider
  readonly delivery: Delivery
  readonly nowMs: number
}

/**
 * Says what an authentic delivery means. One that can mean nothing is kept as quarantined: a retry of the
 * provider would bring the same bytes, a later version of this code may understand them.
 */
export function normalise(
  { app, provider, delivery, nowMs }: Received,
  sealing: Sealing,
): NewDelivery {
  const id = randomUUID()
  const receivedAt = new Date(nowMs).toISOString()
  const meaning = provider.normalise(delivery, receivedAt)
  return {
    id,
    app,
    provider: provider.name,
    dedupeKey: meaning.ok ? meaning.dedupeKey : bodyKey(delivery.body),
    receivedAt,
    sealed: sealing.seal(rawOf(delivery), sealPlace(app, id)),
    events: meaning.ok ? meaning.events : [],
    quarantine: quarantineReason(meaning),
  }
}

/** The place a raw delivery is sealed for: it opens nowhere else. */
export function sealPlace(app: string, delivery: string): string {
  return `deliveries/${app}/${delivery}`
}

/** Headers as JSON, a newline, the body as it came. */
function rawOf({ headers, body }: Delivery): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(headers)}\n`), body])
}

/** Only a delivery that nobody can read is told apart by its bytes. */
function bodyKey(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`
}

function quarantineReason(meaning: Normalised): string | null {
  return meaning.ok ? null : `${meaning.reason}: ${meaning.detail}`.slice(0, 500)
}
