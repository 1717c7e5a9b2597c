import { fault, fine, skipped, type Check, type Finding } from '../finding.ts'
import { objectIn } from '../json.ts'
import { printable } from '../printable.ts'

type Claims = Readonly<Record<string, unknown>>

/** What can be seen of a token without its key. Its text is never repeated. @param now Unix milliseconds */
export function tokenCheck(token: string, now: number): Check {
  return { check: 'token', ...findingOf(token, Math.floor(now / 1000)) }
}

function findingOf(token: string, seconds: number): Finding {
  if (token.startsWith('app_')) return skipped('an API key: nothing can be read from it')
  const dressed = dressing(token)
  if (dressed !== null) return malformed(dressed)
  const parts = token.split('.')
  if (parts.length !== 3) return malformed(`it has ${parts.length} of the 3 parts of a JWT`)
  const [header, claims] = [claimsIn(parts[0]!), claimsIn(parts[1]!)]
  if (!header || !claims) return malformed('its parts are no JSON: something is cut off or changed')
  return timeFault(claims, seconds) ?? contentFault(header, claims) ?? readable(claims, seconds)
}

const malformed = (why: string): Finding =>
  fault('auth_invalid', `the token is malformed: ${why}`, 'Copy it whole, and nothing else.')

/** What people copy along. */
function dressing(token: string): string | null {
  if (/^bearer /i.test(token)) return 'it begins with the word Bearer'
  if (/^["']|["']$/.test(token)) return 'it stands in quotation marks'
  return /\s/.test(token) ? 'there is space in it' : null
}

/** Later than any second and earlier than any millisecond of these years. */
const inMilliseconds = 1e11

function timeFault({ exp, nbf, iat }: Claims, now: number): Finding | null {
  if (typeof exp !== 'number') {
    return fault('auth_invalid', 'the token has no exp', 'Sign tokens with an end.')
  }
  if (exp > inMilliseconds) {
    return fault(
      'auth_invalid',
      'its exp is in milliseconds',
      'Sign it in seconds: Date.now() / 1000.',
    )
  }
  if (exp <= now) {
    const fix =
      'Fetch a fresh one (switchhook token); if it is new, compare date -u here and where it was signed.'
    return fault('auth_expired', `the token expired ${span(now - exp)} ago`, fix)
  }
  const begins = [nbf, iat].find((time) => typeof time === 'number' && time > now + 60)
  if (typeof begins !== 'number') return null
  return fault(
    'auth_invalid',
    `the token begins only in ${span(begins - now)}`,
    'Compare date -u here and where it was signed.',
  )
}

function contentFault(header: Claims, claims: Claims): Finding | null {
  if (typeof claims['sub'] !== 'string' && claims['id'] === undefined) {
    const fix = 'Sign it with the id of the user as sub.'
    return fault('auth_invalid', 'the token says not whose it is: it has no sub', fix)
  }
  if (header['alg'] !== 'none') return null
  return fault('alg_not_allowed', 'the token is not signed', 'Sign it with JWT_SECRET or its key.')
}

const shown = ['sub', 'role', 'app', 'iss', 'aud'] as const

function readable(claims: Claims, now: number): Finding {
  const said = shown
    .filter((name) => claims[name] !== undefined)
    .map((name) => `${name} ${printable(textOf(claims[name]))}`)
  const left = span(Number(claims['exp']) - now)
  return fine('ok', `${said.join(', ')}; it expires in ${left}`)
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')

function claimsIn(part: string): Claims | null {
  const claims = objectIn(Buffer.from(part, 'base64url').toString())
  return Object.keys(claims).length > 0 ? claims : null
}

const units = [
  [86_400, 'days'],
  [3_600, 'h'],
  [60, 'min'],
] as const

/** `3 h`, `2 days`, `40 s`. */
function span(seconds: number): string {
  const [size, unit] = units.find(([each]) => seconds >= 2 * each) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit}`
}
