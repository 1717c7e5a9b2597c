import fp from 'fastify-plugin'
import { isKey, keyMark, openAccess, type Access } from '@switchhook/shared/access'
import { CodedError } from '@switchhook/shared/errors'
import { invalid, storeAway } from './errors.ts'
import { tokenVerifier } from './jwt.ts'
import { Options } from './options.ts'
import { presented } from './presented.ts'
import { keyPrincipal, principalOf, type Principal } from './principal.ts'
import { queryWarning } from './query-warning.ts'
import { ticketHolder } from './tickets.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export { authMistakes, Options, sourceMistakes } from './options.ts'
export type { Principal, Role } from './principal.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Who sends this request. A ticket for one connection is spent by that, but where nobody is let in: `spend: false`.
     * @throws CodedError `auth_missing`, `auth_invalid`, `auth_expired`, `auth_in_query`, `app_disabled` or `unavailable`
     */
    authenticate(request: FastifyRequest, options?: { readonly spend: boolean }): Promise<Principal>
    /** Whom a token or an API key stands for. @throws CodedError as `authenticate` does */
    verifyToken(token: string): Promise<Principal>
    /** Whether the credential was taken back since. */
    revoked(principal: Principal): boolean
    /** Changes whenever an answer of `revoked` may have changed. */
    readonly accessRevision: number
    /** API keys, tickets and revocations, kept up to date with other processes. */
    access: Access<Principal>
  }
}

/** What the composition hands over besides the configuration. */
interface Parts {
  /** What clients call us. */
  readonly publicUrl?: string
}

/** `app.authenticate`: a token, an API key or a ticket, from wherever a client can put it. */
async function auth(
  app: FastifyInstance,
  { jwt, defaultRole, allowQueryTokens, publicUrl }: Options & Parts,
): Promise<void> {
  const { directory } = app
  const access = await openAccess<Principal>(app.store)
  app.rounds.keep({
    what: 'keys and revocations',
    counted: ['api_keys', 'revocations'],
    refresh: () => access.lookAgain(),
    tend: () => access.tend(Date.now()),
  })
  const verify = await tokenVerifier(app, jwt)
  const policy = { directory, defaultRole }
  const warn = queryWarning(app.log)

  const fromBearer = async (text: string): Promise<Principal> =>
    text.startsWith(keyMark) ? fromKey(text) : principalOf(await verify(text), policy)

  const fromKey = async (text: string): Promise<Principal> => {
    const now = Date.now()
    const key = access.keys.find(text, now) ?? (await newKey(text))
    if (key === 'expired') throw new CodedError('auth_expired')
    if (!key) throw invalid('there is no such API key')
    access.keys.used(key.id, now)
    return keyPrincipal(key)
  }

  /** One that another process may just have made. */
  const newKey = async (text: string) => {
    if (!isKey(text)) return null
    await access.lookAgain().catch(storeAway)
    return access.keys.find(text, Date.now())
  }

  const revoked = ({ app: id, sub, iat, keyId }: Principal): boolean => {
    if (!directory.app(id)?.active) return true
    const since = access.revocations.since(id, sub)
    if (since !== undefined && (iat === null || iat * 1_000 < since)) return true
    return keyId !== null && !access.keys.isLive(keyId, Date.now())
  }

  const admitted = async (principal: Principal): Promise<Principal> => {
    const of = await directory.find(principal.app).catch(storeAway)
    if (!of?.active) throw new CodedError('app_disabled')
    if (revoked(principal)) throw invalid('it was revoked')
    return principal
  }

  app.decorate('access', access)
  app.decorate('accessRevision', { getter: () => access.revision + directory.revision })
  app.decorate('revoked', revoked)
  app.decorate('verifyToken', async (token: string) => admitted(await fromBearer(token)))
  app.decorate('authenticate', async (request: FastifyRequest, { spend } = { spend: true }) => {
    const found = presented(request)
    if (!found) throw new CodedError('auth_missing')
    const { kind, text, inQuery } = found
    if (inQuery && !allowQueryTokens) throw new CodedError('auth_in_query')
    if (kind === 'ticket') {
      return admitted(await ticketHolder(request, text, { access, spend, publicUrl }))
    }
    const principal = await admitted(await (kind === 'key' ? fromKey(text) : fromBearer(text)))
    if (!inQuery) return principal
    warn(principal)
    return { ...principal, inQuery }
  })
}

export default fp(auth, { name: 'auth', fastify: '5.x', dependencies: ['store', 'directory'] })
