import { createHmac } from 'node:crypto'
import { ConfigError, dataDirOf, fillSecrets, loadConfig, Tokens } from '@switchhook/shared/config'
import { root } from './workspace.ts'
import type { Environment } from '@switchhook/shared/config'

/** Whom a token is for, and for how long. */
export interface TokenRequest {
  readonly email: string
  readonly sub?: string | undefined
  readonly role?: 'supervisor' | 'agent' | undefined
  /** UUID of the app; the only one if not said. */
  readonly app?: string | undefined
  readonly ttlSeconds: number
}

/**
 * Makes a user token as the services accept it: signed with the first JWT_SECRET, which is generated in DATA_DIR when
 * there is none yet, so that a token can be made before the first start.
 * @throws ConfigError if the secret cannot be used
 */
export function issueToken(
  { email, sub = email, role, app, ttlSeconds }: TokenRequest,
  environment: Environment,
): { token: string; exp: number } {
  const elsewhere = ['JWT_PUBLIC_KEY', 'JWT_PUBLIC_KEY_FILE', 'JWKS_URL'].find(
    (name) => environment[name],
  )
  if (elsewhere !== undefined) {
    const reason = 'tokens come from whoever has the private key: it cannot be signed here'
    throw new ConfigError([{ name: elsewhere, reason }])
  }
  const filled = fillSecrets(Tokens, environment, dataDirOf(root, environment))
  // A misspelt name is told by `config check`; here other programs' variables are none of our business.
  const { secrets, issuer: iss, audience: aud } = loadConfig(Tokens, { environment: filled })
  const iat = Math.floor(Date.now() / 1000)
  const claims = { sub, email, role, app, iat, exp: iat + ttlSeconds, iss, aud }
  return { token: signHs256(claims, secrets[0]!), exp: claims.exp }
}

/** A JWT (RFC 7519) in compact form; claims that are undefined are left out. */
export function signHs256(claims: object, secret: string): string {
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims]
  const signed = parts
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
