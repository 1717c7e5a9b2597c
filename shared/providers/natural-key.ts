import { idText } from './untrusted.ts'

/**
 * The key of a delivery whose provider gives it no id of its own, of what together tells it from every other one.
 * Parts are kept apart by colons, which therefore are escaped within them; a key above 128 UTF-16 units is hashed.
 */
export function naturalKey(...parts: readonly (string | number | null)[]): string {
  return idText(parts.map(escaped).join(':')) ?? ''
}

/** The ids of the events of one delivery: `<provider>:<dedupe key>`, then `#n` from the second one on. */
export function eventId(provider: string, dedupeKey: string, index = 0): string {
  return index === 0 ? `${provider}:${dedupeKey}` : `${provider}:${dedupeKey}#${index + 1}`
}

function escaped(part: string | number | null): string {
  return String(part ?? '').replace(/[%:]/g, encodeURIComponent)
}
