/** Where a recording can be heard. */
export interface Recording {
  /** Null: the link has expired. */
  readonly url: string | null
  /** RFC 3339; null if the link does not say. */
  readonly expires_at: string | null
}

/** A link with its end, if it says so: an expired one leads nowhere, so it is kept back. */
export function recordingOf(url: string | null, now = Date.now()): Recording | null {
  if (url === null) return null
  const endsAt = endOf(url)
  return {
    url: endsAt !== null && endsAt <= now ? null : url,
    expires_at: endsAt === null ? null : new Date(endsAt).toISOString(),
  }
}

/** No time that a link says may be later (ECMA-262 §21.4.1.1). */
const lastTime = 8.64e15

/** When a signed link ends, Unix milliseconds: as Amazon and Google, or Azure, or those who name a second say it. */
function endOf(url: string): number | null {
  const query = new Map(
    [...(URL.parse(url)?.searchParams ?? [])].map(([name, value]) => [name.toLowerCase(), value]),
  )
  const ends = [
    signedEnd(query, 'x-amz'),
    signedEnd(query, 'x-goog'),
    azureEnd(query),
    namedEnd(query),
  ]
  const end = ends.find((one) => one !== null && Math.abs(one) <= lastTime)
  return end ?? null
}

type Query = ReadonlyMap<string, string>

/** `X-Amz-Date=20260921T141912Z&X-Amz-Expires=3600`: when it was signed, and for how many seconds. */
function signedEnd(query: Query, prefix: string): number | null {
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get(`${prefix}-date`) ?? '')
  const seconds = query.get(`${prefix}-expires`) ?? ''
  if (!date || !/^\d{1,9}$/.test(seconds)) return null
  const [, year, month, day, hour, minute, second] = date.map(Number)
  return Date.UTC(year!, month! - 1, day, hour, minute, second) + Number(seconds) * 1_000
}

/** `se=2026-09-21T14:19:12Z` beside a signature. */
function azureEnd(query: Query): number | null {
  const end = query.has('sig') ? Date.parse(query.get('se') ?? '') : NaN
  return Number.isNaN(end) ? null : end
}

/** `Expires=1790003952`: of CloudFront, of older signatures, and of many who sign themselves. */
function namedEnd(query: Query): number | null {
  const text = ['expires', 'exp'].map((name) => query.get(name)).find((one) => one !== undefined)
  return text !== undefined && /^\d{10}$/.test(text) ? Number(text) * 1_000 : null
}
