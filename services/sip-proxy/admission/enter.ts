import { admit, type Admitted } from './index.ts'
import { overload } from './places.ts'
import { assertSipOffered } from './subprotocol.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Door } from './door.ts'

type Enter = (request: FastifyRequest, reply: FastifyReply) => Promise<Admitted>

/**
 * Who may open a socket: places, rate, room, origin, upstream, credential, room there, in this order; nothing is dialled for it.
 * What it throws is a CodedError that says why not.
 */
export function entrance(app: FastifyInstance, door: Door): Enter {
  const { places, room, upstreams } = door
  const limit = app.limits.of('sip-sockets', door.perAddress)
  return async (request, reply) => {
    assertSipOffered(request.headers)
    request.handshake = { upstream: null, target: null }
    places.assertRoom()
    // Who knocks too often takes no room from others.
    const tooMany = await limit.countAddress(request, reply)
    if (tooMany) throw tooMany
    if (room.take() > 0) throw overload()
    const refusal = app.originRefusal(request)
    if (refusal) throw refusal
    const { upstream } = request.params as { upstream: string }
    const { origin } = request.headers
    const admitted = await admit(request, upstreams, { upstream, origin, spend: true })
    request.handshake = { upstream: admitted.route.upstream.name, target: null }
    places.assertRoomAt(admitted.route.upstream)
    if (admitted.principal) app.originUsed(request, admitted.principal.user)
    return admitted
  }
}
