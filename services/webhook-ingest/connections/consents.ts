import { createHash, randomBytes } from 'node:crypto'
import type { Connections } from '@switchhook/shared/connections'
import type { Target } from './dialpad/subscriptions.ts'
import type { OAuthClient } from './dialpad/tokens.ts'
import type { Secrets } from './set-up.ts'

/** Of links, and of consents under way. */
export const consentSeconds = 600
/** Open links of an app, and consents under way; the oldest go. */
const keep = 20

const provider = 'dialpad'

interface Parts {
  readonly connections: Connections<Secrets>
  /** What browsers call us, without a trailing slash. */
  readonly publicUrl: string
  readonly now: () => number
}

/** A browser on its way to Dialpad. */
export interface Departure {
  readonly location: string
  readonly setCookie: string
}

/** A browser that came back, and is the one that left. */
export interface Return {
  readonly app: string
  readonly verifier: string
  readonly target: Target | null
  /** Takes the cookie away that told. */
  readonly setCookie: string
}

interface Link {
  readonly target: Target | null
}

interface UnderWay extends Link {
  readonly verifier: string
}

export type Consents = ReturnType<typeof consentsOf>

/**
 * One-use secrets of 256 bits, of which only SHA-256 is stored: links that begin a consent, and states that end it.
 * A state is stored together with a secret of the browser's cookie, so that it is worth nothing in another one
 * (RFC 6749 §10.12).
 */
export function consentsOf({ connections, publicUrl, now }: Parts) {
  const secure = publicUrl.startsWith('https:')
  const expiresAt = (): string => new Date(now() + consentSeconds * 1_000).toISOString()

  const cookie = (state: string, value: string, seconds: number): string => {
    const flags = `Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
    return `${cookieName(state, secure)}=${value}; ${flags}`
  }

  return {
    /** A link for whoever may consent. */
    async link(app: string, target: Target | null): Promise<string> {
      const secret = newSecret()
      const content: Link = { target }
      const link = { id: digest(secret), app, provider, kind: 'link', content } as const
      await connections.addConsent({ ...link, expiresAt: expiresAt() }, { nowMs: now(), keep })
      return `${publicUrl}/auth/dialpad?state=${secret}`
    },

    /** Spends a link. Null if it was used, is too old or never was. */
    async depart(secret: unknown, client: OAuthClient): Promise<Departure | null> {
      const link =
        isSecret(secret) && (await connections.takeConsent(digest(secret), 'link', now()))
      if (!link) return null
      const { app } = link
      const [state, browser, verifier] = [newSecret(), newSecret(), newSecret()]
      const content: UnderWay = { verifier, target: (link.content as Link).target }
      const id = digest(`${state}.${browser}`)
      const consent = { id, app, provider, kind: 'consent', content } as const
      await connections.addConsent({ ...consent, expiresAt: expiresAt() }, { nowMs: now(), keep })
      const location = authorizeUrl(client, state, verifier)
      return { location, setCookie: cookie(state, browser, consentSeconds) }
    },

    /** Spends a state. Null if it was used, is too old, never was, or belongs to another browser. */
    async arrive(state: unknown, cookies: string | undefined): Promise<Return | null> {
      if (!isSecret(state)) return null
      const browser = cookieValue(cookies ?? '', cookieName(state, secure))
      if (browser === null) return null
      const id = digest(`${state}.${browser}`)
      const consent = await connections.takeConsent(id, 'consent', now())
      if (!consent) return null
      const { verifier, target } = consent.content as UnderWay
      return { app: consent.app, verifier, target, setCookie: cookie(state, '', 0) }
    },
  }
}

function authorizeUrl(client: OAuthClient, state: string, verifier: string): string {
  const url = new URL(`${client.baseUrl}/oauth2/authorize`)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: client.scope,
    state,
    // RFC 7636 §4.2
    code_challenge: digest(verifier),
    code_challenge_method: 'S256',
  }).toString()
  return url.href
}

/** A name for each consent: two of them in one browser do not disturb each other. */
function cookieName(state: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}switchhook-consent-${digest(state).slice(0, 16)}`
}

/** Exactly one cookie of this name, with a value of ours. */
function cookieValue(header: string, name: string): string | null {
  const values = header
    .split('; ')
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  const [value] = values
  return values.length === 1 && isSecret(value) ? value : null
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

function isSecret(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
