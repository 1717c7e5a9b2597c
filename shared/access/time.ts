/** Unix milliseconds as the store has times: RFC 3339, UTC, so that texts sort as times do. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
