import { CodedError } from '@switchhook/shared/errors'
import type { FastifyRequest } from 'fastify'
import type { Principal } from '@switchhook/plugins/auth'
import type { Route, Upstreams } from '../upstreams/contract.ts'

/** What a client asks for. */
export interface Asked {
  /** The name of an upstream, or an id. */
  readonly upstream: string
  /** Of its page; undefined if there is none. Whether it may connect was asked before. */
  readonly origin: string | undefined
  /** Whether a ticket for one connection is spent. */
  readonly spend: boolean
}

/** Who may connect to what. */
export interface Admitted {
  readonly route: Route
  /** Null: nobody needs to know. */
  readonly principal: Principal | null
}

/**
 * The upstream, then the credential; nothing is dialled for it.
 * @throws CodedError `upstream_not_found`, `origin_missing`, `auth_missing`, or what `app.authenticate` throws
 */
export async function admit(
  request: FastifyRequest,
  upstreams: Upstreams,
  { upstream: asked, origin, spend }: Asked,
): Promise<Admitted> {
  const unknown = () => new CodedError('upstream_not_found', { args: [asked.slice(0, maxShown)] })
  const route = upstreams.find(asked)
  if (!route) throw unknown()
  const { auth, missingOrigin, app } = route.upstream
  const principal = await holderOf(request, spend)
  if (principal === null && origin === undefined && missingOrigin === 'refuse') {
    throw new CodedError('origin_missing')
  }
  if (auth === 'required') {
    if (principal === null) throw new CodedError('auth_missing')
    // What is another app's is not there.
    if (app !== null && app !== principal.app) throw unknown()
  }
  return { route, principal }
}

/** Characters of an unknown name that are repeated. */
const maxShown = 64

/** Whoever presents a credential presents a valid one. */
async function holderOf(request: FastifyRequest, spend: boolean): Promise<Principal | null> {
  try {
    return await request.server.authenticate(request, { spend })
  } catch (error) {
    if (error instanceof CodedError && error.code === 'auth_missing') return null
    throw error
  }
}
