import fp from 'fastify-plugin'
import { Type, type Static } from 'typebox'
import { bearerPrefix, offeredProtocols } from '@switchhook/shared/protocol'
import { Tokens } from '@switchhook/shared/config'
import { CodedError } from '@switchhook/shared/errors'
import { tokenVerifier } from './jwt.ts'
import { principalOf, type Principal } from './principal.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export type { Principal, Role } from './principal.ts'

export const Options = Type.Object({
  jwt: Tokens,
  defaultRole: Type.Union([Type.Literal('supervisor'), Type.Literal('agent')], {
    env: 'JWT_DEFAULT_ROLE',
    default: 'supervisor',
    description: 'The role of a token that names none.',
  }),
  allowQueryTokens: Type.Boolean({
    env: 'ALLOW_QUERY_TOKENS',
    default: true,
    description:
      'Accept `?token=`. The query is never logged here, but may be by proxies in front.',
  }),
})

declare module 'fastify' {
  interface FastifyInstance {
    /** Who sends this request. @throws CodedError `auth_missing`, `auth_invalid` or `auth_expired` */
    authenticate(request: FastifyRequest): Principal
  }
}

/** `app.authenticate`: a user token from the Authorization header, the subprotocol list or the query. */
async function auth(
  app: FastifyInstance,
  { jwt, defaultRole, allowQueryTokens }: Static<typeof Options>,
): Promise<void> {
  const verify = await tokenVerifier(app, jwt)
  const policy = { directory: app.directory, defaultRole }
  app.decorate('authenticate', (request: FastifyRequest) => {
    const token =
      fromHeader(request) ??
      fromSubprotocol(request) ??
      (allowQueryTokens ? fromQuery(request) : undefined)
    if (token === undefined) throw new CodedError('auth_missing')
    return principalOf(verify(token), policy)
  })
}

function fromHeader({ headers }: FastifyRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Browsers cannot set headers on a WebSocket; the subprotocol list is the one place they can fill. */
function fromSubprotocol({ headers }: FastifyRequest): string | undefined {
  const offered = offeredProtocols(headers['sec-websocket-protocol'])
  return offered.find((name) => name.startsWith(bearerPrefix))?.slice(bearerPrefix.length)
}

function fromQuery({ query }: FastifyRequest): string | undefined {
  const { token } = query as { token?: unknown }
  return typeof token === 'string' && token !== '' ? token : undefined
}

export default fp(auth, { name: 'auth', fastify: '5.x', dependencies: ['directory'] })
