import { randomUUID } from 'node:crypto'
import { createRewrite } from '../rewrite.ts'
import { turnsOf } from '../../turns.ts'
import { ConnectionRegistrations } from './connection.ts'
import { Exchange } from './exchange.ts'
import { Table } from './table.ts'
import type { FastifyBaseLogger } from 'fastify'
import type {
  Registration,
  RegistrationFilter,
  Registrations,
} from '@switchhook/shared/registrations'
import type { Watch } from '../relay/contract.ts'
import type { Peer } from '../peer.ts'
import type { RegistrarMetrics } from './metrics.ts'

/** Who is registered, as it passes. */
export interface Registrar {
  /**
   * Looks at a connection until it is closed.
   * @param contactHost what stands in the Contacts on the PBX's side, if not what the browser wrote
   */
  watch(peer: Peer, contactHost: string | null): Watch
  /** Those of all processes, the newest first. @throws if the store cannot */
  list(filter: Omit<RegistrationFilter, 'now'>): Promise<readonly Registration[]>
  /** Those of this process that are not over, by upstream. */
  count(): Map<string, number>
  /** Writes what changed here, and removes what nobody speaks for; never rejects. */
  turn(): Promise<void>
  /** The process stops: its registrations are over. */
  close(): Promise<void>
}

interface RegistrarOptions {
  readonly rows: Registrations
  readonly metrics: RegistrarMetrics
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>
  /** Unix milliseconds. */
  readonly now?: () => number
}

const phrases = {
  failed: 'registrations not written',
  again: 'registrations written again',
  unended: 'registrations not ended',
}

/** A store that is slow now is not waited for: whoever lives removes the rest. */
const leaveMs = 2_000

/** Opens the registrar of a process. What passes is never held up by it, nor by the store. */
export function openRegistrar({ rows, metrics, log, now = Date.now }: RegistrarOptions): Registrar {
  const table = new Table()
  const exchange = new Exchange({ node: randomUUID(), rows, table, now })
  const parts = { table, now, metrics }
  const time = (): string => new Date(now()).toISOString()
  const turns = turnsOf(() => exchange.turn(), { log, phrases })

  return {
    watch(peer, contactHost) {
      const rewrite = contactHost === null ? null : createRewrite(contactHost)
      return new ConnectionRegistrations(peer, parts, rewrite)
    },
    async list(filter) {
      // Whoever has just registered is among them.
      await turns.takeNew()
      return rows.list({ ...filter, now: time() })
    },
    count() {
      table.expire(now())
      return table.count()
    },
    turn: () => turns.take(),
    close: () => turns.end(() => exchange.leave(), leaveMs),
  }
}
