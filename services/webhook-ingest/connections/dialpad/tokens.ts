import { ask, failureOf, succeeded, type Answer } from './ask.ts'
import { DialpadFailure } from './failure.ts'

/** An OAuth client as Dialpad has it registered. */
export interface OAuthClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  /** Where Dialpad is, without a trailing slash. */
  readonly baseUrl: string
  /** Separated by spaces. */
  readonly scope: string
}

/** What Dialpad gave for a consent. */
export interface Tokens {
  readonly access: string
  /** Null if the client was not granted `offline_access`. */
  readonly refresh: string | null
}

/** Tokens, and how long the first one lasts. */
export interface Grant {
  readonly tokens: Tokens
  /** RFC 3339; null if it lasts until it is revoked. */
  readonly expiresAt: string | null
}

interface Circumstances {
  readonly nowMs: number
  readonly signal?: AbortSignal
}

const answerLimit = 65_536
const longestToken = 16_384
const longestLifeSeconds = 315_360_000

/** Exchanges a code (RFC 6749 §4.1.3, RFC 7636 §4.5). @throws DialpadFailure `revoked` if the code is not valid */
export function redeem(
  client: OAuthClient,
  { code, verifier }: { readonly code: string; readonly verifier: string },
  circumstances: Circumstances,
): Promise<Grant> {
  const { redirectUri: redirect_uri } = client
  const fields = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri }
  return grant(client, fields, circumstances)
}

/** Trades a refresh token (RFC 6749 §6), which it spends. @throws DialpadFailure `revoked` if it is not valid */
export async function refresh(
  client: OAuthClient,
  refreshToken: string,
  circumstances: Circumstances,
): Promise<Grant> {
  const fields = { grant_type: 'refresh_token', refresh_token: refreshToken }
  const { tokens, expiresAt } = await grant(client, fields, circumstances)
  return { tokens: { ...tokens, refresh: tokens.refresh ?? refreshToken }, expiresAt }
}

/** Takes all tokens of a consent back. @throws DialpadFailure */
export async function deauthorize(
  { baseUrl }: Pick<OAuthClient, 'baseUrl'>,
  access: string,
  signal: AbortSignal,
): Promise<void> {
  const what = 'the end of the consent'
  const answer = await ask({
    method: 'POST',
    url: `${baseUrl}/oauth2/deauthorize`,
    headers: { authorization: `Bearer ${access}` },
    limit: answerLimit,
    what,
    signal,
  })
  if (!succeeded(answer)) throw failureOf(answer, what)
}

async function grant(
  { baseUrl, clientId, clientSecret }: OAuthClient,
  fields: Record<string, string>,
  { nowMs, signal }: Circumstances,
): Promise<Grant> {
  const form = { ...fields, client_id: clientId, client_secret: clientSecret }
  const answer = await ask({
    method: 'POST',
    url: `${baseUrl}/oauth2/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
    limit: answerLimit,
    what: 'the token',
    ...(signal && { signal }),
  })
  if (!succeeded(answer)) throw refusalOf(answer)
  return grantOf(answer, nowMs)
}

/** RFC 6749 §5.2. */
function refusalOf(answer: Answer): DialpadFailure {
  const { status } = answer
  if (status === 429 || status >= 500) return failureOf(answer, 'the token')
  const word = (answer.body as { error?: unknown } | null)?.error
  if (word === 'invalid_grant') {
    return new DialpadFailure('revoked', 'Dialpad says the consent is not valid any more', {
      status,
    })
  }
  if (word === 'invalid_client' || status === 401) {
    const message = 'Dialpad does not know this CLIENT_ID with this CLIENT_SECRET'
    return new DialpadFailure('refused', message, { status })
  }
  const known = typeof word === 'string' && /^[a-z_]{1,40}$/.test(word) ? word : `status ${status}`
  return new DialpadFailure('refused', `Dialpad refused the token: ${known}`, { status })
}

/** RFC 6749 §5.1. */
function grantOf({ body, status }: Answer, nowMs: number): Grant {
  const fields = (body ?? {}) as Readonly<Record<string, unknown>>
  const { access_token: access, refresh_token: again, expires_in: lifetime } = fields
  if (!isToken(access)) {
    throw new DialpadFailure('refused', 'Dialpad answered without a token', { status })
  }
  const seconds = Math.min(Number(lifetime), longestLifeSeconds)
  const expiresAt = seconds > 0 ? new Date(nowMs + seconds * 1_000).toISOString() : null
  return { tokens: { access, refresh: isToken(again) ? again : null }, expiresAt }
}

/** What fits a header: RFC 6749 A.12. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestToken && /^[\x21-\x7E]+$/.test(value)
}
