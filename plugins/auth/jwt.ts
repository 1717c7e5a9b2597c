import fastifyJwt from '@fastify/jwt'
import { CodedError } from '@switchhook/shared/errors'
import { invalid } from './errors.ts'
import { fixedKeys, pemKeys, secretKeys, type KeySource, type TokenHeader } from './keys.ts'
import { KeySet } from './jwks.ts'
import { Remembered } from './remembered.ts'
import type { FastifyInstance } from 'fastify'
import type { Jwt } from './options.ts'
import type { Claims } from './principal.ts'

/** Resolves to the claims of a genuine token. @throws CodedError `auth_invalid`, `auth_expired` or `unavailable` */
export type VerifyToken = (token: string) => Promise<Claims>

/** Clocks of those who issue tokens may be ahead by so much; nothing lives longer for it. */
const toleranceMs = 30_000
/** Tokens that need not be verified again when their users come back all at once. */
const maxRemembered = 10_000

/**
 * Builds a verifier over @fastify/jwt. By RFC 8725: each key has one algorithm (§3.1), and the claims that were
 * configured are required, not merely compared when present (§3.8, §3.9).
 */
export async function tokenVerifier(app: FastifyInstance, jwt: Jwt): Promise<VerifyToken> {
  const { issuer, audience } = jwt
  await app.register(fastifyJwt, {
    // Each token is verified with the keys that fit it, never with one that is simply there.
    secret: { public: noKey },
    decode: { complete: true },
    verify: {
      requiredClaims: ['exp', ...(issuer ? ['iss'] : []), ...(audience ? ['aud'] : [])],
      ...(issuer && { allowedIss: issuer }),
      ...(audience && { allowedAud: audience }),
      clockTolerance: toleranceMs,
    },
  })
  const source = sourceOf(app, jwt)
  const genuine = new Remembered<Claims>(maxRemembered)
  let revision = source.revision
  return async (token) => {
    if (revision !== source.revision) genuine.clear()
    revision = source.revision
    const claims = genuine.get(token) ?? (await verify(app, source, token))
    if (isOver(claims)) {
      genuine.forget(token)
      throw new CodedError('auth_expired')
    }
    genuine.set(token, claims)
    return claims
  }
}

function sourceOf(app: FastifyInstance, { secrets, publicKeys, jwksUrl }: Jwt): KeySource {
  if (jwksUrl === undefined) {
    return fixedKeys(publicKeys.length > 0 ? pemKeys(publicKeys).keys : secretKeys(secrets))
  }
  const keys = new KeySet({
    url: jwksUrl,
    onFailure: (error) => app.log.warn({ err: error }, 'keys of tokens not fetched'),
  })
  app.addHook('onClose', async () => keys.close())
  // It never rejects; who comes before the keys waits for them.
  void keys.refresh()
  return keys
}

async function verify(app: FastifyInstance, source: KeySource, token: string): Promise<Claims> {
  const header = headerOf(app, token)
  for (const { key, algorithm } of await source.find(header)) {
    try {
      const claims: Claims = app.jwt.verify(token, { key, algorithms: [algorithm] })
      mustBePast(claims)
      return claims
    } catch (error) {
      const { code } = error as { code?: string }
      // Of another key, perhaps; anything else is wrong whoever signed it.
      if (code !== 'FAST_JWT_INVALID_SIGNATURE') throw refusalOf(error as Error & { code?: string })
    }
  }
  throw invalid('its signature is not by a key that is accepted here')
}

function headerOf(app: FastifyInstance, token: string): TokenHeader {
  try {
    return app.jwt.decode<{ header: TokenHeader }>(token)!.header
  } catch {
    throw invalid('it is no JWT')
  }
}

/** One from the future could never be taken back. @throws CodedError `auth_invalid` */
function mustBePast({ iat }: Claims): void {
  if (typeof iat !== 'number' || iat * 1_000 <= Date.now() + toleranceMs) return
  throw invalid('it was issued in the future: check the clocks')
}

/** To the second: nobody gains time by a tolerance. */
function isOver({ exp }: Claims): boolean {
  return typeof exp === 'number' && exp * 1_000 <= Date.now()
}

function refusalOf(error: Error & { code?: string }): CodedError {
  if (error instanceof CodedError) return error
  if (error.code === 'FAST_JWT_EXPIRED') return new CodedError('auth_expired')
  return invalid(error.message)
}

async function noKey(): Promise<never> {
  throw new Error('a token is verified with a key that fits it')
}
