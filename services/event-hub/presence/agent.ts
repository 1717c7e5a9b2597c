import { entryOf } from './entry.ts'
import type { AgentKey, AgentRow, Part } from '@switchhook/shared/presence'
import type { PresenceEntry } from '@switchhook/shared/protocol'
import type { Nodes } from './nodes.ts'

/** An agent as this hub knows it. */
export interface Agent {
  row: AgentRow
  /** Open here. */
  sockets: number
  /** When the last socket here counts as closed, Unix milliseconds; null while there are some, or none counts. */
  leavesAt: number | null
  /** How many of ours the other hubs have read. */
  written: number
  /** Sockets by hub, of those that count. */
  readonly others: Map<string, number>
  /** What the store has not been told. */
  dirty: Set<Part>
  /** A write of it is under way. */
  writing: boolean
  /** What is shown. */
  entry: PresenceEntry | null
  absentSince: string
}

/** Somebody of whom nothing is known yet; `at`: RFC 3339. */
export function newAgent({ app, agent }: AgentKey, at: string): Agent {
  const row: AgentRow = {
    app,
    agent,
    name: agent,
    state: 'available',
    note: null,
    since: at,
    sip: null,
    provider: null,
    seen: null,
  }
  return {
    row,
    sockets: 0,
    leavesAt: null,
    written: 0,
    others: new Map(),
    dirty: new Set(),
    writing: false,
    entry: null,
    absentSince: at,
  }
}

/** Our sockets as others see them: a reload in its grace changes nothing. */
export function ownSockets({ sockets, leavesAt }: Agent): number {
  return leavesAt === null ? sockets : Math.max(sockets, 1)
}

/** Whether the agent has a socket on another hub that lives. */
export function isElsewhere({ others }: Agent, nodes: Nodes): boolean {
  return [...others.keys()].some((node) => nodes.state(node) === 'here')
}

/** All sockets; where there are none, those of a hub that has just stopped: they are on their way to another one. */
export function socketsOf(agent: Agent, nodes: Nodes): number {
  let [here, left] = [ownSockets(agent), 0]
  for (const [node, sockets] of agent.others) {
    const state = nodes.state(node)
    if (state === 'here') here += sockets
    else if (state === 'left') left += sockets
  }
  return here > 0 ? here : left
}

/** What is to be shown now; `at`: RFC 3339. */
export function currentEntry(agent: Agent, nodes: Nodes, at: string): PresenceEntry | null {
  const sockets = socketsOf(agent, nodes)
  const was = agent.entry?.sockets ?? 0
  if (sockets === 0 && was > 0) agent.absentSince = at
  return entryOf(agent.row, { sockets, absentSince: agent.absentSince })
}

/** Whether it need not be remembered. */
export function isIdle({ entry, dirty, writing, written, sockets, leavesAt }: Agent): boolean {
  const nothingToWrite = dirty.size === 0 && !writing && written === 0
  return entry === null && nothingToWrite && sockets === 0 && leavesAt === null
}
