import type { Refusal } from './contract.ts'

/** Seconds a signed timestamp may differ from our clock, in either direction. */
const tolerance = 300
/** Unix seconds in their one decimal spelling, so that a header cannot be changed and mean the same. */
const unixSeconds = /^(?:0|[1-9]\d{0,14})$/

/** A refusal with the arguments of its code's message. */
export function refuse(code: Refusal['code'], ...args: (string | number)[]): Refusal {
  return { ok: false, code, args }
}

/** Whether a header is a time in Unix seconds. */
export function isUnixSeconds(header: string | string[]): header is string {
  return typeof header === 'string' && unixSeconds.test(header)
}

/** Refuses what was signed more than 300 s from now; null if it is fresh. */
export function refuseStale(timestamp: string, nowMs: number): Refusal | null {
  const age = Math.floor(nowMs / 1000) - Number(timestamp)
  if (age > tolerance) return refuse('timestamp_too_old', age)
  return age < -tolerance ? refuse('timestamp_in_future', -age) : null
}
