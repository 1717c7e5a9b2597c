import type { FastifyInstance } from 'fastify'
import type { Target } from '../upstreams/contract.ts'

/** What is known of a handshake, for whoever tells how it ended. */
export interface Progress {
  /** Null: not known yet. */
  readonly upstream: string | null
  /** The one whose fault it was. */
  readonly target: Target | null
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: it is no handshake that offers `sip`. */
    handshake: Progress | null
  }
}

/** Lets the routes of a scope keep what is known of their handshakes. */
export function keepProgress(scope: FastifyInstance): void {
  scope.decorateRequest('handshake', null)
}
