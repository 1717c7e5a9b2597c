import type { Tone } from '../operate/standing.tsx'

/** An API key as it is listed; times are RFC 3339. */
export interface ApiKey {
  readonly id: string
  readonly prefix: string
  readonly createdAt: string
  readonly lastUsedAt: string | null
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  /** Another key replaced it; it is accepted until then. */
  readonly graceUntil?: string | null
}

/** How a key stands, and whether it is still accepted. */
export interface KeyStanding {
  readonly tone: Tone
  readonly word: string
  readonly live: boolean
}

/** A key that ends sooner than this is worth a look. */
const soonMs = 7 * 86_400_000

const over = (word: string): KeyStanding => ({ tone: 'over', word, live: false })

/** @param now Unix milliseconds */
export function standingOf(key: ApiKey, now: number): KeyStanding {
  const { revokedAt, expiresAt, graceUntil = null } = key
  if (revokedAt !== null) return over('revoked')
  if (isPast(expiresAt, now)) return over('expired')
  if (isPast(graceUntil, now)) return over('replaced')
  if (graceUntil !== null) return { tone: 'soon', word: 'overlap', live: true }
  if (isPast(expiresAt, now + soonMs)) return { tone: 'soon', word: 'expires soon', live: true }
  return { tone: 'well', word: 'active', live: true }
}

const isPast = (time: string | null, now: number): boolean =>
  time !== null && Date.parse(time) <= now
