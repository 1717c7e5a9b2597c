import type { Direction } from '../events/index.ts'
import { limitDepth, plainText, type Fields } from './untrusted.ts'

const payloadLevels = 100
// RFC 3339 §5.6; the group is what follows the millisecond.
const timestamp =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(?:\d{3}(\d{1,3})\d*|\d{1,3}))?(?:Z|[+-]\d\d:\d\d)$/
// A caller who withholds the number is the anonymous URI of RFC 3323 §4.1 in SIP, else one word.
const anonymousUri = /^(?:sips?:)?anonymous@/i
const withheld = new Set(
  'anonymous blocked private restricted unavailable unknown withheld'.split(' '),
)

/** Leaves out what was not said. */
export function present<T>(entries: readonly [string, T][]): Record<string, NonNullable<T>> {
  const said = entries.filter((entry): entry is [string, NonNullable<T>] => entry[1] !== null)
  return Object.fromEntries(said)
}

/**
 * A time (RFC 3339) in UTC, truncated to the millisecond; the microseconds order what happened
 * within one. `receivedAt` stands in for a time that is absent or unreadable.
 */
export function timeOf(occurredAt: unknown, receivedAt: string): { time: string; order: number } {
  const match = typeof occurredAt === 'string' ? timestamp.exec(occurredAt) : null
  const ms = match ? Date.parse(match[0]) : Number.NaN
  if (Number.isNaN(ms)) return { time: receivedAt, order: 0 }
  return { time: new Date(ms).toISOString(), order: Number((match?.[1] ?? '').padEnd(3, '0')) }
}

/** In the words providers have for it; null if it is not said. */
export function directionOf(direction: unknown): Direction | null {
  if (direction === 'incoming' || direction === 'inbound') return 'inbound'
  return direction === 'outgoing' || direction === 'outbound' ? 'outbound' : null
}

/** A number or an address as it comes; null if it is withheld or not said. */
export function addressOf(address: unknown): string | null {
  const text = plainText(address)
  if (text === null || anonymousUri.test(text)) return null
  return withheld.has(text.toLowerCase().replace(/^\+/, '')) ? null : text
}

/** The details of an event without a name of ours: its own name, and its payload to a depth any store takes. */
export function unnamedDetails(providerType: string, payload: Fields): Fields {
  return { provider_type: providerType, payload: limitDepth(payload, payloadLevels) }
}
