import { Type, type Static } from 'typebox'
import { Tokens, type Mistake } from '@switchhook/shared/config'
import { pemKeys } from './keys.ts'

const { secrets, issuer, audience } = Tokens.properties

/** What user tokens are verified with: one of the first three. */
const Jwt = Type.Object({
  secrets: Type.Array(secrets.items, { ...secrets, minItems: 0, default: [] }),
  publicKeys: Type.Array(Type.String(), {
    env: 'JWT_PUBLIC_KEY',
    separator: ',',
    // Only so that it may come as a file: a PEM is more than a line.
    secret: true,
    default: [],
    description:
      'Instead of `JWT_SECRET`: PEM of who signs user tokens; RSA (RS256), P-256, P-384, P-521 (ES…) or Ed25519 (EdDSA). `a,b`, or several in one file, are all accepted while you rotate.',
  }),
  jwksUrl: Type.Optional(
    Type.String({
      env: 'JWKS_URL',
      description:
        'Instead of `JWT_SECRET`: where the keys of who signs user tokens are published (RFC 7517); https, or this machine.',
      example: 'https://id.example.com/.well-known/jwks.json',
    }),
  ),
  issuer,
  audience,
})

export type Jwt = Static<typeof Jwt>

export const Options = Type.Object({
  jwt: Jwt,
  defaultRole: Type.Union([Type.Literal('supervisor'), Type.Literal('agent')], {
    env: 'JWT_DEFAULT_ROLE',
    default: 'supervisor',
    description: 'The role of a token that names none.',
  }),
  allowQueryTokens: Type.Boolean({
    env: 'ALLOW_QUERY_TOKENS',
    default: true,
    description:
      'Accept `?token=` and `?api_key=`. The query is never logged here, but may be by proxies in front.',
  }),
})

export type Options = Static<typeof Options>

const names = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWKS_URL']

/** Mistakes in where tokens come from that the schema of a single value cannot see. */
export function authMistakes({ jwt }: Pick<Options, 'jwt'>): Mistake[] {
  const { publicKeys, jwksUrl } = jwt
  const mistakes: Mistake[] = pemKeys(publicKeys).reasons.map((reason) => ({
    name: 'JWT_PUBLIC_KEY',
    reason,
  }))
  // It would be a secret that everybody knows.
  if (jwt.secrets.some((secret) => secret.includes('-----BEGIN'))) {
    mistakes.push({ name: 'JWT_SECRET', reason: 'is a PEM: give a public key as JWT_PUBLIC_KEY' })
  }
  if (jwksUrl !== undefined && !isTrustworthy(jwksUrl)) {
    // Not shown: it may have a password in it.
    mistakes.push({ name: 'JWKS_URL', reason: 'is no https URL, or one with a user in it' })
  }
  if (jwt.secrets.length === 0 && publicKeys.length === 0 && jwksUrl === undefined) {
    mistakes.push({ name: 'JWT_SECRET', reason: 'is required, or JWT_PUBLIC_KEY, or JWKS_URL' })
  }
  return mistakes
}

/** More than one source that somebody gave: a secret that was made up does not count. */
export function sourceMistakes(
  environment: Readonly<Record<string, string | undefined>>,
): Mistake[] {
  const given = names.filter((name) => environment[name] || environment[`${name}_FILE`])
  return given.slice(1).map((name) => ({
    name,
    reason: `is set together with ${given[0]}: tokens come from one of them`,
  }))
}

/** Whoever sits between could otherwise put keys of their own. */
function isTrustworthy(url: string): boolean {
  const { protocol, hostname, username } = URL.parse(url) ?? {}
  if (username !== '') return false
  if (protocol === 'https:') return true
  return protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname!)
}
