import { invalid, storeAway } from './errors.ts'
import type { Access, Ticket } from '@switchhook/shared/access'
import type { FastifyRequest } from 'fastify'
import type { Principal } from './principal.ts'

interface Parts {
  readonly access: Pick<Access<Principal>, 'tickets'>
  /** Whether one for one connection is spent. */
  readonly spend: boolean
  /** Where pages of our own come from, besides the host that a request names. */
  readonly publicUrl: string | undefined
}

/**
 * Whom a ticket stands for.
 * @throws CodedError `auth_invalid`, or `unavailable` when the store cannot be asked
 */
export async function ticketHolder(
  request: FastifyRequest,
  text: string,
  { access: { tickets }, spend, publicUrl }: Parts,
): Promise<Principal> {
  if (request.method !== 'GET') throw invalid('a ticket opens connections and nothing else')
  const show = spend ? tickets.take : tickets.look
  const ticket = await show(text, Date.now()).catch(storeAway)
  if (!ticket) throw invalid('the ticket is unknown, used or expired')
  if (ticket.kind === 'many' && isUpgrade(request)) throw invalid('the ticket is not for sockets')
  const ownHosts = [request.host, ...(publicUrl === undefined ? [] : [new URL(publicUrl).host])]
  if (!isOfOrigin(request, ticket, ownHosts))
    throw invalid('the ticket is of another origin: ask for it from there, or with its Origin')
  return ticket.holder
}

/**
 * Browsers name the origin with every socket and every request to another origin, but not when a page gets something
 * from its own (Fetch §3.2): then the ticket must be of a page of ours.
 */
function isOfOrigin(
  request: FastifyRequest,
  { origin }: Ticket<Principal>,
  ownHosts: readonly string[],
): boolean {
  const given = request.headers.origin ?? null
  if (given !== null || origin === null || isUpgrade(request)) return given === origin
  return ownHosts.includes(URL.parse(origin)?.host ?? '')
}

function isUpgrade({ headers }: FastifyRequest): boolean {
  return headers.upgrade !== undefined
}
