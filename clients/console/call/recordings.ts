import type { EventFrame } from '@switchhook/shared/events'

/** A recording that an event told of. */
export interface Recording {
  readonly url: string
  readonly expiresAt: string | null
  readonly durationMs: number | null
}

/** The recordings among the events of a call; each address once. */
export function recordingsIn(timeline: readonly EventFrame[]): Recording[] {
  const found = new Map<string, Recording>()
  for (const { event, data } of timeline) {
    const { url, recording_url: other, duration_ms: duration } = data.details
    const saved = event === 'call-recording-saved' ? (url ?? other) : other
    if (typeof saved !== 'string' || saved === '') continue
    const durationMs = typeof duration === 'number' && saved === url ? duration : null
    found.set(saved, { url: saved, expiresAt: expiryOf(saved), durationMs })
  }
  return [...found.values()]
}

/** When a signed address ends, if it says so as most stores of recordings do; RFC 3339. */
function expiryOf(address: string): string | null {
  const query = new Map(
    [...(URL.parse(address)?.searchParams ?? [])].map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  )
  const ends = ['x-amz', 'x-goog'].map((prefix) => signedEnd(query, prefix))
  const second = query.get('expires') ?? ''
  const end = ends.find(Boolean) ?? (/^\d{10}$/.test(second) ? Number(second) * 1_000 : null)
  return end ? new Date(end).toISOString() : null
}

/** `X-Amz-Date=20260921T141912Z&X-Amz-Expires=3600`. */
function signedEnd(query: ReadonlyMap<string, string>, prefix: string): number | null {
  const date = query.get(`${prefix}-date`) ?? ''
  const seconds = query.get(`${prefix}-expires`) ?? ''
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const at = /^\d{1,7}$/.test(seconds) ? Date.parse(iso) + Number(seconds) * 1_000 : Number.NaN
  return Number.isNaN(at) ? null : at
}
