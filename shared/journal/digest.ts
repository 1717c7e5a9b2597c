import { hash } from 'node:crypto'
import type { CallEvent } from '../events/index.ts'

/** Enough that nobody meets another meaning with the same one by chance. */
const octets = 16

/**
 * What a delivery means, in 16 octets: of SHA-256 over its events, whatever the order of fields. Times that are no
 * more than the time of receipt are left out, so that a retry of a provider that tells none says the same.
 */
export function digestOf(events: readonly CallEvent[], receivedAt: string): Uint8Array {
  const told = events.map((event) => ({
    ...event,
    time: event.time === receivedAt ? null : event.time,
    details: settled(event.details),
  }))
  return hash('sha256', JSON.stringify(told), 'buffer').subarray(0, octets)
}

/** Our own words come in our own order; what a provider nested in them comes in any. */
function settled(details: CallEvent['details']): unknown {
  const isNested = Object.values(details).some((value) => typeof value === 'object')
  return isNested ? sorted(details) : details
}

/** fromEntries defines properties, so a field named __proto__ stays data. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).map(([name, each]) => [name, sorted(each)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
