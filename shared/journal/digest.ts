import { hash } from 'node:crypto'
import type { CallEvent } from '../events/index.ts'

/** Enough that nobody meets another meaning with the same one by chance. */
const octets = 16

/**
 * What a delivery means, in 16 octets: of SHA-256 over its events, whatever the order of fields. Times that are no
 * more than the time of receipt are left out, so that a retry of a provider that tells none says the same.
 */
export function digestOf(events: readonly CallEvent[], receivedAt: string): Uint8Array {
  const told = events.map((event) => (event.time === receivedAt ? { ...event, time: null } : event))
  return hash('sha256', JSON.stringify(sorted(told)), 'buffer').subarray(0, octets)
}

/** fromEntries defines properties, so a field named __proto__ stays data. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).map(([name, each]) => [name, sorted(each)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
