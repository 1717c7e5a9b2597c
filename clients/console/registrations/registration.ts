/** A contact that a PBX took from a browser. */
export interface Registration {
  readonly aor: string
  readonly contact: string
  readonly shadowContact: string | null
  readonly instance: string | null
  readonly userAgent: string | null
  /** Where its socket comes from. */
  readonly address: string
  readonly upstream: string
  readonly grantedSeconds: number
  readonly remainingSeconds: number
}

/** When each was loaded: what remains was true then. */
const loadedAt = new WeakMap<Registration, number>()

/** What remains of a registration now, milliseconds; not below 0. */
export function remainingMs(registration: Registration, nowMs: number): number {
  const at = loadedAt.get(registration) ?? nowMs
  loadedAt.set(registration, at)
  return Math.max(0, at + registration.remainingSeconds * 1_000 - nowMs)
}

/** Whether a filter's words are in it, each somewhere. */
export function matches(registration: Registration, filter: string): boolean {
  const { aor, contact, userAgent, address, upstream } = registration
  const text = [aor, contact, userAgent, address, upstream].join(' ').toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
