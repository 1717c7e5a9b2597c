/** The last millisecond of the year 9999: times of RFC 3339 have four digits for the year. */
const latestMs = 253_402_300_799_999

/** A time given in Unix milliseconds, in UTC; `receivedAt` (RFC 3339) stands in for one that is absent or unreadable. */
export function timeOfMs(unixMs: unknown, receivedAt: string): { time: string; order: number } {
  const isTime = typeof unixMs === 'number' && unixMs >= 0 && unixMs <= latestMs
  return { time: isTime ? new Date(unixMs).toISOString() : receivedAt, order: 0 }
}
