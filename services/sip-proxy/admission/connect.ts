import { Visitor } from './visitor.ts'
import { switchingProtocols } from '../explain.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Reached } from '../dial/reach.ts'
import type { Target } from '../upstreams/contract.ts'
import type { Door } from './door.ts'
import type { Admitted } from './index.ts'
import type { Place } from './places.ts'

/** A client that was admitted, and waits. */
interface Handshake extends Admitted {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/**
 * Dials for a client that was admitted, while it waits; it gets its 101 when the PBX has given us one.
 * @param waiting those who wait, for whoever has to send them away
 * @throws CodedError what the PBX failed with; `gone`
 */
export async function connect(
  handshake: Handshake,
  { door, waiting }: { readonly door: Door; readonly waiting: Set<Visitor> },
): Promise<void> {
  const { request, route } = handshake
  const upgrade = request.server.upgradeOf(request)
  const place = door.places.take(route.upstream)
  const visitor = new Visitor(upgrade)
  waiting.add(visitor)
  try {
    const reached = await reach(handshake, door, visitor)
    join(handshake, { door, reached, early: visitor.leave(), place })
  } catch (error) {
    visitor.leave()
    place.leave()
    throw error
  } finally {
    waiting.delete(visitor)
  }
}

/** @throws CodedError, or `gone` if the client does not wait any more: then there is no connection either */
async function reach(
  { request, route }: Handshake,
  { metrics, reach: to }: Door,
  { signal }: Visitor,
): Promise<Reached> {
  const { name: upstream } = route.upstream
  const began = performance.now()
  const failures = new Map<unknown, Target>()
  const failed = (target: Target, error: unknown): void => void failures.set(error, target)
  try {
    const reached = await to(route, { signal, userAgent: request.headers['user-agent'], failed })
    if (signal.aborted) reached.wire.socket.destroy()
    signal.throwIfAborted()
    return reached
  } catch (error) {
    // Whatever the dial makes of it.
    signal.throwIfAborted()
    request.handshake = { upstream, target: failures.get(error) ?? null }
    throw error
  } finally {
    metrics.dialled(upstream, (performance.now() - began) / 1_000)
  }
}

interface Joined {
  readonly door: Door
  readonly reached: Reached
  readonly early: Buffer
  readonly place: Place
}

function join(
  { request, reply, route, principal }: Handshake,
  { door: { metrics, connected }, reached: { wire, target }, early, place }: Joined,
): void {
  const { ip, headers, server: app } = request
  const { socket } = app.upgradeOf(request)
  app.takeUpgrade(request, reply)
  socket.write(switchingProtocols(headers['sec-websocket-key']!))
  const connection = {
    browser: { socket, head: early },
    upstream: wire,
    route,
    target,
    address: ip,
    userAgent: headers['user-agent'] ?? '',
    principal,
    place,
  }
  try {
    connected(connection)
    metrics.handshake('ok')
  } catch (error) {
    // After the 101 it can be said to nobody.
    request.log.error({ err: error }, 'connection failed')
    metrics.handshake('internal')
    place.leave()
    socket.destroy()
    wire.socket.destroy()
  }
}
