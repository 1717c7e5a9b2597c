import { ownSockets } from './agent.ts'
import type { AgentRow, Change, Part, SocketsRow } from '@switchhook/shared/presence'
import type { Agent } from './agent.ts'
import type { Roster } from './roster.ts'

/** What is being written. */
export interface Batch {
  readonly change: Change
  /** Tells the roster how it ended. */
  end(written: boolean): void
}

/** A write takes so many agents; the others wait, each with its latest. */
const maxAgents = 1_000

const parts: readonly Part[] = ['name', 'said', 'sip', 'provider', 'seen']

/** Takes from the roster what is to be written; null if there is nothing. */
export function takeBatch(roster: Roster, node: string): Batch | null {
  const taken = roster.takeDirty(maxAgents).map((agent) => take(agent))
  if (taken.length === 0) return null
  const rowsWith = (part: Part): AgentRow[] =>
    taken.flatMap(({ agent, dirty }) => (dirty.has(part) ? agent.row : []))
  const sockets = taken.flatMap(({ agent, own }): SocketsRow[] => {
    const { row, written } = agent
    return own === written ? [] : [{ app: row.app, agent: row.agent, node, sockets: own }]
  })
  const agents = Object.fromEntries(parts.map((part) => [part, rowsWith(part)]))
  const change = { agents: agents as Record<Part, AgentRow[]>, sockets, at: roster.at }
  return {
    change,
    end(written) {
      for (const one of taken) end(roster, one, written)
    },
  }
}

interface Taken {
  readonly agent: Agent
  readonly dirty: ReadonlySet<Part>
  readonly own: number
}

function take(agent: Agent): Taken {
  const { dirty } = agent
  agent.dirty = new Set()
  agent.writing = true
  return { agent, dirty, own: ownSockets(agent) }
}

function end(roster: Roster, { agent, dirty, own }: Taken, written: boolean): void {
  agent.writing = false
  if (written) agent.written = own
  else for (const part of dirty) agent.dirty.add(part)
  // Also after a failure that was none: a commit whose answer was lost is written once more.
  if (!written || ownSockets(agent) !== own) roster.touch(agent)
  roster.refresh(agent)
}
