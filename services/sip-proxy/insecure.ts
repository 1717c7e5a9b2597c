import type { FastifyInstance } from 'fastify'
import type { Upstreams } from './upstreams/contract.ts'

/** `/health`, and with it the console, names the upstreams in whose place anybody may answer. */
export function tellInsecure({ health }: FastifyInstance, upstreams: Upstreams): void {
  health.add('sip', {
    needed: false,
    async probe() {
      const insecure = upstreams.all.filter(({ trust }) => trust.trust === 'insecure')
      if (insecure.length === 0) return
      const names = insecure.map(({ name }) => name).join(', ')
      throw new Error(`trust: insecure, so that anybody may read and change its calls: ${names}`)
    },
  })
}
