import { endOf, type ApiKey } from '@switchhook/shared/access'
import { invalid, storeAway } from './errors.ts'
import type { Directory } from '@switchhook/shared/directory'

export type Role = 'supervisor' | 'agent'

/** Who a credential stands for. */
export interface Principal {
  /** UUID of the app; nothing crosses apps. */
  readonly app: string
  readonly sub: string
  /** The name shown to people: the e-mail address, else `sub`. */
  readonly user: string
  /** `supervisor` sees the app's calls, `agent` those mapped to the user. */
  readonly role: Role
  /** When the credential ends, Unix seconds; null: an API key without an end. */
  readonly exp: number | null
  /** When it was issued, Unix seconds, if it says so. */
  readonly iat: number | null
  readonly credential: 'token' | 'key'
  /** UUID of the API key, if it is one. */
  readonly keyId: string | null
  /** Teams and queues the user belongs to. */
  readonly teams: readonly string[]
  readonly queues: readonly string[]
  /** The credential stood in the query, where proxies may log it. */
  readonly inQuery: boolean
}

/** In the year 5138; in milliseconds, the day that somebody meant lies beyond. */
const latestEnd = 100_000_000_000

/** The claims we read of a verified token; everything in it is still untrusted text. */
export interface Claims {
  readonly [name: string]: unknown
}

/**
 * Turns verified claims into a principal.
 * @throws CodedError `auth_invalid` naming the claim that is missing or unusable; `unavailable`
 */
export async function principalOf(
  claims: Claims,
  { directory, defaultRole }: { directory: Directory; defaultRole: Role },
): Promise<Principal> {
  const sub = subOf(claims)
  const { exp, iat } = claims
  if (!isTime(exp)) throw invalid('it has no exp')
  if (exp > latestEnd) throw invalid('its exp is not in seconds')
  const role = claims['role'] ?? defaultRole
  if (role !== 'supervisor' && role !== 'agent') throw invalid(`the role is '${text(role) ?? ''}'`)
  const user = text(claims['email']) ?? sub
  return {
    app: await appOf(claims['app'], directory),
    sub,
    user,
    role,
    exp,
    iat: isTime(iat) ? iat : null,
    credential: 'token',
    keyId: null,
    teams: names(claims, 'teams'),
    queues: names(claims, 'queues'),
    inQuery: false,
  }
}

/** Whom an API key stands for: a program that sees the app as a supervisor does. */
export function keyPrincipal(key: ApiKey): Principal {
  const end = endOf(key)
  return {
    app: key.app,
    sub: `key:${key.id}`,
    user: key.prefix,
    role: 'supervisor',
    exp: end === Infinity ? null : Math.floor(end / 1_000),
    iat: Math.floor(Date.parse(key.createdAt) / 1_000),
    credential: 'key',
    keyId: key.id,
    teams: [],
    queues: [],
    inQuery: false,
  }
}

function subOf(claims: Claims): string {
  const sub = text(claims['sub'] ?? claims['id'])
  if (sub === undefined) throw invalid(`it has no sub (or id) of 1 to ${maxText} characters`)
  // They mean something else where calls are shown to users.
  if (sub === 'me' || sub === '*') throw invalid(`the sub is '${sub}'`)
  if (/[\p{Cc}\p{Cs}]/u.test(sub)) throw invalid('the sub has control characters')
  return sub
}

async function appOf(claim: unknown, directory: Directory): Promise<string> {
  if (claim !== undefined && typeof claim !== 'string') throw invalid('app is not a UUID')
  const app = claim === undefined ? directory.onlyApp : await directory.find(claim).catch(storeAway)
  if (!app) throw invalid(claim === undefined ? 'it names no app' : 'there is no such app')
  return app.id
}

const maxText = 256
const maxNames = 100

/** Seed 001's tokens carry numeric ids. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return isText(value) ? value : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxText
}

/** JSON has numbers that are none: 1e999. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

/** A list that cannot be taken whole is refused: cut short, it would hide calls in silence. */
function names(claims: Claims, claim: 'teams' | 'queues'): readonly string[] {
  const value = claims[claim] ?? []
  if (Array.isArray(value) && value.length <= maxNames && value.every(isText)) return value
  throw invalid(`${claim} is no list of at most ${maxNames} names`)
}
