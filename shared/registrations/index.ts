import type { Store } from '../database/index.ts'
import type { Registrations } from './contract.ts'

export type {
  RegistrarNode,
  Registration,
  RegistrationChange,
  RegistrationFilter,
  Registrations,
  RegistrationWaste,
} from './contract.ts'

/** Processes stand among those of other services. */
const prefix = 'sip:'

/** Opens what a store knows of who is registered. */
export function openRegistrations(store: Store): Registrations {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  return {
    beat: (node, at) => sql.beat(prefix + node, at),
    write: ({ node, ...change }) => sql.write({ ...change, node: prefix + node }),
    list: (filter) => sql.list(filter),
    async nodes() {
      const nodes = await sql.nodes(prefix)
      return nodes.map(({ id, seenAt }) => ({ id: id.slice(prefix.length), seenAt }))
    },
    sweep: ({ gone, expiredSince }) =>
      sql.sweep({ gone: gone.map((node) => prefix + node), expiredSince }),
    leave: (node) => sql.leave(prefix + node),
  }
}
