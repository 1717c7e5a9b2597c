import { endOf } from './entry.ts'
import type { Allowed } from './read.ts'
import type { Matcher } from './match.ts'

/** Why an origin is refused; these are values of a label. */
export type Reason = 'malformed' | 'ended' | 'similar' | 'unknown'

/** Whether an origin may connect and by which entry, or what would let it in. */
export type Judgement =
  | { readonly passes: true; readonly entry: Allowed }
  | {
      readonly passes: false
      readonly reason: Reason
      readonly fix: string
      /** The one whose day is over. */
      readonly entry?: Allowed
    }

/** The longest host name with its scheme and port; nothing longer is looked at. */
const maxLength = 300

const settings = 'ALLOWED_ORIGINS or ORIGINS_FILE'

/** @param now Unix milliseconds */
export function judge(origin: string, matcher: Matcher, now: number): Judgement {
  const entry = matcher.find(origin)
  if (entry && now < endOf(entry)) return { passes: true, entry }
  if (entry) return { ...refused('ended', whatEnded(entry)), entry }
  if (origin.length > maxLength) return refused('malformed', 'no browser sends an origin this long')
  const url = /^https?:/i.test(origin) ? URL.parse(origin) : null
  return url ? judgeUrl(origin, url, { matcher, now }) : judgeText(origin)
}

const refused = (reason: Reason, fix: string): Judgement => ({ passes: false, reason, fix })

function whatEnded({ origin, until, successor, source }: Allowed): string {
  const extend = `give ${origin} a later until than ${until} in ${source}`
  return successor === null ? extend : `open ${successor} instead, or ${extend}`
}

function judgeText(origin: string): Judgement {
  if (origin === '') return refused('malformed', 'send the origin of the page, or no Origin header')
  const isOrigin = origin === 'null' || /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]*$/.test(origin)
  if (!isOrigin) return refused('malformed', 'send one origin: scheme, host and port')
  const risk = origin === 'null' ? ', which lets in every sandboxed frame and local page' : ''
  return refused('unknown', `add ${origin} to ${settings}${risk}`)
}

function judgeUrl(
  origin: string,
  url: URL,
  { matcher, now }: { matcher: Matcher; now: number },
): Judgement {
  if (url.origin !== origin) {
    return refused('malformed', `send the origin as browsers do: ${url.origin}`)
  }
  const add = `add ${origin} to ${settings}`
  const near = nearest(url, matcher.sameHost(url), now)
  if (near) return refused('similar', `${add}: ${near}`)
  const deeper = matcher.otherDepth(url)
  if (!deeper || now >= endOf(deeper)) return refused('unknown', add)
  return refused('similar', `${add}: ${nameOf(deeper)} stands for exactly one label`)
}

/** The entry that differs in the fewest things, and in which. */
function nearest(url: URL, entries: readonly Allowed[], now: number): string | null {
  const [best] = entries
    .filter((entry) => now < endOf(entry))
    .map((entry) => ({ entry, differences: differences(url, new URL(entry.origin)) }))
    .sort((one, other) => one.differences.length - other.differences.length)
  return best ? `${nameOf(best.entry)} differs in ${best.differences.join(' and ')}` : null
}

function differences(one: URL, other: URL): string[] {
  const compared: [name: string, differs: boolean][] = [
    ['http/https', one.protocol !== other.protocol],
    ['www', one.hostname.startsWith('www.') !== other.hostname.startsWith('www.')],
    ['the dot at the end', one.hostname.endsWith('.') !== other.hostname.endsWith('.')],
    ['the port', one.port !== other.port],
  ]
  return compared.filter(([, differs]) => differs).map(([name]) => name)
}

const nameOf = ({ origin, source }: Allowed): string => `${origin} in ${source}`
