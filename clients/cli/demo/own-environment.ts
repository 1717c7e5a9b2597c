import { randomBytes } from 'node:crypto'
import { variableNames, type Environment } from '@switchhook/shared/config'
import { providers } from '@switchhook/shared/providers'

/** The user's own settings, which must neither be used nor get in the way. */
const notOurs = [
  'ADMIN_PORT',
  'ALLOW_QUERY_TOKENS',
  'ALLOWED_ORIGINS',
  'CLIENT_ID',
  'DATABASE_URL',
  'DB_HOST',
  'DIALPAD_BASE_URL',
  'FRONTEND_URL',
  'JWT_AUDIENCE',
  'JWT_DEFAULT_ROLE',
  'JWT_ISSUER',
  'JWKS_URL',
  'ORIGINS_FILE',
  'PUBLIC_URL',
  'REDIRECT_URI',
  'REDIS_URL',
  'SIP_UPSTREAMS_FILE',
  'TLS_CERT_FILE',
  'TLS_KEY_FILE',
  'TRUST_PROXY',
  'VAPI_RELAY_URL',
  'VAPI_STATIC_ANSWER_FILE',
  ...providers.flatMap(({ Settings }) => variableNames(Settings)),
]
const secretsNotOurs = [
  'CLIENT_SECRET',
  'INTERNAL_API_SECRET',
  'JWT_PUBLIC_KEY',
  'JWT_SECRET',
  'SECRETS_KEY',
  ...providers.map(({ credentialName }) => credentialName),
]

/** The environment of a suite that shares nothing with the user's but the machine. */
export function ownEnvironment(
  environment: Environment,
  own: Environment & Record<'HOST' | 'PORT' | 'DATA_DIR', string>,
): Environment {
  const empty = [...notOurs, ...secretsNotOurs.flatMap((name) => [name, `${name}_FILE`])]
  return {
    ...environment,
    // Empty counts as not set, and still wins over what `.env` says.
    ...Object.fromEntries(empty.map((name) => [name, ''])),
    JWT_SECRET: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'warn',
    ...own,
  }
}
