import fastifyJwt from '@fastify/jwt'
import { CodedError } from '@switchhook/shared/errors'
import type { Tokens } from '@switchhook/shared/config'
import type { Static } from 'typebox'
import type { Claims } from './principal.ts'
import type { FastifyInstance } from 'fastify'

/** Resolves to the claims of a genuine token, or throws `auth_invalid` or `auth_expired`. */
export type VerifyToken = (token: string) => Claims

interface TokenVerifier {
  verify(token: string): Claims
}

/**
 * Builds a verifier over @fastify/jwt, one instance per live secret. By RFC 8725: fixed algorithms (§3.1), and
 * the claims that were configured are required, not merely compared when present (§3.8, §3.9).
 */
export async function tokenVerifier(
  app: FastifyInstance,
  { secrets, issuer, audience }: Static<typeof Tokens>,
): Promise<VerifyToken> {
  const verify = {
    algorithms: ['HS256' as const],
    requiredClaims: ['exp', ...(issuer ? ['iss'] : []), ...(audience ? ['aud'] : [])],
    ...(issuer && { allowedIss: issuer }),
    ...(audience && { allowedAud: audience }),
  }
  for (const [index, secret] of secrets.entries()) {
    await app.register(fastifyJwt, { secret, verify, namespace: `live${index}` })
  }
  const byName = app.jwt as unknown as Record<string, TokenVerifier>
  const verifiers = secrets.map((_, index) => byName[`live${index}`]!)
  return (token) => firstThatVerifies(verifiers, token)
}

function firstThatVerifies(verifiers: readonly TokenVerifier[], token: string): Claims {
  let refusal: CodedError | undefined
  for (const verifier of verifiers) {
    try {
      return verifier.verify(token)
    } catch (error) {
      const mine = refusalOf(error as { code?: string; message: string })
      // A genuine token that expired says more than "not signed with the other secret".
      if (!refusal || mine.code === 'auth_expired') refusal = mine
    }
  }
  throw refusal!
}

function refusalOf({ code, message }: { code?: string; message: string }): CodedError {
  if (code === 'FAST_JWT_EXPIRED') return new CodedError('auth_expired')
  return new CodedError('auth_invalid', { args: [message] })
}
