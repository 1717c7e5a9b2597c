export interface AgentKey {
  readonly app: string
  /** The user's `sub`. */
  readonly agent: string
}

/** What is known of an agent, whichever hub was told. */
export interface AgentFacts {
  readonly name: string
  readonly state: string
  readonly note: string | null
  /** When the state began, RFC 3339. */
  readonly since: string
  readonly sip: 'registered' | 'unregistered' | null
  /** The provider's own word. */
  readonly provider: string | null
  /** The highest event that a client of the agent confirmed. */
  readonly seen: number | null
}

/** What changes by itself, and is written without the rest: `said` is the state, the note and since when. */
export type Part = 'name' | 'said' | 'sip' | 'provider' | 'seen'

export type AgentRow = AgentKey & AgentFacts

/** How many sockets of an agent a hub counts; 0: none any more. */
export interface SocketsRow extends AgentKey {
  readonly node: string
  readonly sockets: number
}

/** A hub, as it last wrote of itself. */
export interface NodeRow {
  readonly id: string
  /** RFC 3339 by the hub's own clock; a hub that lives moves it every few seconds. */
  readonly seenAt: string
  /** When it stopped in good order, RFC 3339; null if it did not. */
  readonly leftAt: string | null
}

/** What a hub has to write; of each list, an agent stands in it once. */
export interface Change {
  readonly agents: Readonly<Record<Part, readonly AgentRow[]>>
  readonly sockets: readonly SocketsRow[]
  /** RFC 3339. */
  readonly at: string
}

/** What a hub reads. */
export interface News {
  /** Raised with every change; nothing that was written before it is missing. */
  readonly revision: number
  /** All of them. */
  readonly nodes: readonly NodeRow[]
  /** Those changed since. */
  readonly agents: readonly AgentRow[]
  readonly sockets: readonly SocketsRow[]
}

/** What nobody needs any more. */
export interface Waste {
  readonly node: string
  /** Sockets of this node that were none already at this time, RFC 3339. */
  readonly noneSince: string
  /** Nodes that do not count any more. */
  readonly gone: readonly string[]
  /** Agents of whom nobody has heard since, RFC 3339. */
  readonly silentSince: string
}

/** What hubs tell each other of who is there, through the store. */
export interface PresenceRows {
  /** @returns whether the node was known; if not, others have forgotten its sockets */
  beat(node: string, at: string): Promise<boolean>
  /** Marks a node that stops: its sockets are about to come back elsewhere. */
  leave(node: string, at: string): Promise<void>
  /** Writes all of it, or nothing. */
  write(change: Change): Promise<void>
  /** What changed after a revision: one statement, as long as nothing did. */
  look(after: number): Promise<News>
  sweep(waste: Waste): Promise<void>
}
