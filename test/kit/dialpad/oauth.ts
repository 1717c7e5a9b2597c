import { createHash, randomBytes } from 'node:crypto'
import type { Asked, Told } from './http.ts'

/** An OAuth client, as it is registered. */
export const client = {
  id: 'client-1',
  secret: 'the-client-secret-of-the-test',
  redirectUri: 'https://calls.example.com/auth/dialpad/callback',
}

interface Grant {
  readonly scope: string
  access: string
  refresh: string | null
  expiresMs: number
  revoked: boolean
}

interface Code {
  readonly challenge: string | null
  readonly redirectUri: string
  readonly scope: string
  readonly expiresMs: number
  grant: Grant | null
}

const codeLifeMs = 60_000

/** Dialpad's OAuth: codes that are good for once, PKCE, refresh tokens that rotate. */
export class DialpadOAuth {
  readonly grants: Grant[] = []
  /** Everything that must appear nowhere. */
  readonly secrets = new Set<string>([client.secret])
  tokenSeconds: number | null = 3_600
  readonly #now: () => number
  readonly #codes = new Map<string, Code>()
  readonly #pages = new Map<string, URLSearchParams>()

  constructor(now: () => number) {
    this.#now = now
  }

  answer({ method, path, query, headers, body }: Asked): Told | null {
    if (method === 'GET' && path === '/oauth2/authorize') return this.#page(query)
    if (method === 'POST' && path === '/oauth2/consent') return this.#decide(body)
    if (method === 'POST' && path === '/oauth2/token') return this.#token(body)
    if (method === 'POST' && path === '/oauth2/deauthorize') return this.#deauthorize(headers)
    return null
  }

  /** The grant whose access token this is, if it is still good. */
  grantOf(authorization: string | undefined): Grant | undefined {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
    return this.grants.find(
      ({ access, revoked, expiresMs }) => !revoked && access === token && expiresMs > this.#now(),
    )
  }

  #page(query: URLSearchParams): Told {
    const isOurs =
      query.get('client_id') === client.id && query.get('redirect_uri') === client.redirectUri
    if (!isOurs || query.get('response_type') !== 'code') return { status: 400, body: 'bad client' }
    const page = this.#secret()
    this.#pages.set(page, query)
    this.secrets.add(query.get('state') ?? '')
    return {
      status: 200,
      body: `<form method="post" action="/oauth2/consent"><input name="page" value="${page}"></form>`,
    }
  }

  #decide(body: string): Told {
    const form = new URLSearchParams(body)
    const query = this.#pages.get(form.get('page') ?? '')
    if (!query) return { status: 400, body: 'no such page' }
    this.#pages.delete(form.get('page')!)
    const location = new URL(query.get('redirect_uri')!)
    location.searchParams.set('state', query.get('state') ?? '')
    if (form.get('decision') !== 'accept') location.searchParams.set('error', 'access_denied')
    else {
      const code = this.#secret()
      this.#codes.set(code, {
        challenge:
          query.get('code_challenge_method') === 'S256' ? query.get('code_challenge') : null,
        redirectUri: query.get('redirect_uri')!,
        scope: query.get('scope') ?? '',
        expiresMs: this.#now() + codeLifeMs,
        grant: null,
      })
      location.searchParams.set('code', code)
    }
    return { status: 302, headers: { location: location.href } }
  }

  #token(body: string): Told {
    const form = new URLSearchParams(body)
    if (form.get('client_id') !== client.id || form.get('client_secret') !== client.secret) {
      return { status: 401, body: { error: 'invalid_client' } }
    }
    const type = form.get('grant_type')
    if (type === 'authorization_code') return this.#redeem(form)
    if (type === 'refresh_token') return this.#refresh(form.get('refresh_token'))
    return { status: 400, body: { error: 'unsupported_grant_type' } }
  }

  #redeem(form: URLSearchParams): Told {
    const code = this.#codes.get(form.get('code') ?? '')
    const verifier = form.get('code_verifier') ?? ''
    this.secrets.add(verifier)
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    if (!code || code.expiresMs <= this.#now() || code.challenge !== challenge) return invalidGrant
    if (form.get('redirect_uri') !== code.redirectUri) return invalidGrant
    if (code.grant) {
      code.grant.revoked = true
      return invalidGrant
    }
    const grant = { scope: code.scope, access: '', refresh: null, expiresMs: 0, revoked: false }
    this.grants.push(grant)
    code.grant = grant
    return this.#give(grant)
  }

  #refresh(token: string | null): Told {
    const grant = this.grants.find(({ refresh, revoked }) => !revoked && refresh === token)
    return grant ? this.#give(grant) : invalidGrant
  }

  #give(grant: Grant): Told {
    grant.access = this.#secret()
    grant.refresh = grant.scope.split(' ').includes('offline_access') ? this.#secret() : null
    const seconds = this.tokenSeconds
    grant.expiresMs = seconds === null ? Infinity : this.#now() + seconds * 1_000
    return {
      status: 200,
      body: {
        access_token: grant.access,
        token_type: 'bearer',
        ...(seconds !== null && { expires_in: seconds }),
        ...(grant.refresh !== null && { refresh_token: grant.refresh }),
      },
    }
  }

  #deauthorize({ authorization }: Asked['headers']): Told {
    const grant = this.grantOf(authorization)
    if (!grant) return { status: 401, body: { error: 'invalid_token' } }
    grant.revoked = true
    return { status: 200, body: {} }
  }

  #secret(): string {
    const secret = randomBytes(24).toString('base64url')
    this.secrets.add(secret)
    return secret
  }
}

const invalidGrant: Told = { status: 400, body: { error: 'invalid_grant' } }
