/** One line of the list: an origin, perhaps with the last day it works and where its pages moved. */
export interface Entry {
  /** As browsers send it, or with `*` for one label, or `*` alone. */
  readonly origin: string
  /** The last day it works, UTC: `2026-12-20`. */
  readonly until: string | null
  readonly successor: string | null
}

/** A text read as an entry, or what is wrong with it and how it is meant. */
export type Parsed =
  | { readonly ok: true; readonly entry: Entry }
  | { readonly ok: false; readonly reason: string; readonly example: string }

const dayMs = 86_400_000
const anExample = 'https://crm.example.com;until=2026-12-20;successor=https://new.example'
const literal =
  /^(?:\*|null|file:\/\/|(?:app|capacitor|ionic|tauri|(?:chrome|moz|safari-web)-extension):\/\/[a-z0-9.-]+)$/
const exact = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/
const wildcard = /^https?:\/\/\*(?:\.[a-z0-9-]+){2,}(?::[0-9]{1,5})?$/

/** Reads `origin;until=2026-12-20;successor=https://new.example`. */
export function parseEntry(text: string): Parsed {
  const [given = '', ...parameters] = text.split(';').map((part) => part.trim())
  const origin = canonical(given)
  if (origin === null) return notAnOrigin(given)
  const fields = new Map<string, string>()
  for (const parameter of parameters) {
    const [name = '', ...value] = parameter.split('=')
    const reason = fields.has(name) ? `has ${name} twice` : mistakeIn(name, value.join('='))
    if (reason !== null) return mistaken(`${quoted(text)} ${reason}`)
    fields.set(name, value.join('='))
  }
  const { until = null, successor = null } = Object.fromEntries(fields)
  if (successor !== null && until === null)
    return mistaken(`${quoted(text)} has a successor but no until`)
  return { ok: true, entry: { origin, until, successor: successor && canonical(successor) } }
}

/** When an entry stops to work, Unix milliseconds: the day after its last one begins. */
export function endOf({ until }: Entry): number {
  return until === null ? Infinity : Date.parse(until) + dayMs
}

/** The origin without the default port a person may have typed; null if it is none. */
function canonical(text: string): string | null {
  if (literal.test(text)) return text
  if (exact.test(text)) return URL.parse(text)?.origin ?? null
  if (!wildcard.test(text)) return null
  return URL.parse(text.replace('*', 'x'))?.origin.replace('//x', '//*') ?? null
}

function mistakeIn(name: string, value: string): string | null {
  if (name === 'until') return isDay(value) ? null : `has an until that is no day: ${quoted(value)}`
  if (name !== 'successor') return `has an unknown part ${quoted(name)}`
  return exact.test(value) && canonical(value) !== null
    ? null
    : `has a successor that is no origin: ${quoted(value)}`
}

/** A day that the calendar has: not the 30th of February. */
function isDay(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

function notAnOrigin(text: string): Parsed {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || text.includes('*')) {
    return mistaken(`${quoted(text)} is not an origin`)
  }
  const reason = `an origin is scheme, host and port only, as a browser sends it: ${quoted(text)}`
  return { ok: false, reason, example: url.origin }
}

/** So much of it that one knows which one is meant. */
const quoted = (text: string): string => `'${text.length > 80 ? `${text.slice(0, 80)}…` : text}'`

const mistaken = (reason: string): Parsed => ({ ok: false, reason, example: anExample })
