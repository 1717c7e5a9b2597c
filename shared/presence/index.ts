import type { Store } from '../database/index.ts'
import type { PresenceRows } from './contract.ts'

export type {
  AgentFacts,
  AgentKey,
  AgentRow,
  Change,
  News,
  NodeRow,
  Part,
  PresenceRows,
  SocketsRow,
  Waste,
} from './contract.ts'

/** Opens what a store knows of who is there. */
export function openPresenceRows(store: Store): PresenceRows {
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  return {
    beat: (node, at) => sql.beat(node, at),
    leave: (node, at) => sql.leave(node, at),
    write: (change) => sql.write(change),
    look: (after) => sql.look(after),
    sweep: (waste) => sql.sweep(waste),
  }
}
