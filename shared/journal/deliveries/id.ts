import { randomUUID } from 'node:crypto'

/** A UUID that begins with the time (RFC 9562 §5.7): what comes together lies together in the store's index. */
export function newDeliveryId(receivedAt: string): string {
  const time = Date.parse(receivedAt).toString(16).padStart(12, '0')
  // Version 7 in the place of version 4; variant and random bits stay.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
