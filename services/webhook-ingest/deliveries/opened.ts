import { CodedError } from '@switchhook/shared/errors'
import { sealPlace, type KeptDelivery } from '@switchhook/shared/journal'
import { unpackRaw } from '../raw.ts'
import type { Delivery } from '@switchhook/shared/providers'
import type { Sealing } from '@switchhook/shared/sealing'

/** A kept delivery as it came. @throws CodedError `delivery_sealed` */
export function opened({ id, app, sealed }: KeptDelivery, sealing: Sealing): Delivery {
  try {
    return unpackRaw(sealing.open(sealed, sealPlace(app, id)))
  } catch (cause) {
    throw new CodedError('delivery_sealed', { args: [id, (cause as Error).message], cause })
  }
}
