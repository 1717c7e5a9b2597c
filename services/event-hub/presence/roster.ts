import { isDeepStrictEqual } from 'node:util'
import { currentEntry, isElsewhere, isIdle, newAgent, ownSockets, socketsOf } from './agent.ts'
import type { AgentFacts, AgentKey, Part } from '@switchhook/shared/presence'
import type { PresenceEntry } from '@switchhook/shared/protocol'
import type { Agent } from './agent.ts'
import type { Nodes } from './nodes.ts'

export interface RosterOptions {
  readonly nodes: Nodes
  /** How long the last socket may be away before its agent is. */
  readonly graceMs: number
  /** Unix milliseconds. */
  readonly now: () => number
  readonly onChange: (app: string, agent: string) => void
  /** An app has more agents than are shown; told once. */
  readonly onFull: (app: string) => void
}

/** Agents of an app; more are not shown. */
export const maxAgents = 10_000

/** Who is there, as this hub knows it: what its own sockets do, and what it read of the others. */
export class Roster {
  readonly #options: RosterOptions
  readonly #apps = new Map<string, Map<string, Agent>>()
  readonly #full = new Set<string>()
  /** Those with something to write. */
  readonly #dirty = new Set<Agent>()
  /** Those whose last socket here closed a moment ago. */
  readonly #leaving = new Set<Agent>()
  /** Those who confirmed an event: that is told now and then, not each time. */
  readonly #confirmed = new Set<Agent>()

  constructor(options: RosterOptions) {
    this.#options = options
  }

  enter({ app, agent: id }: AgentKey, name: string): () => void {
    const agent = this.obtain({ app, agent: id })
    if (!agent) return () => {}
    if (socketsOf(agent, this.#options.nodes) === 0) {
      this.#tell(agent, 'said', { state: 'available', note: null, since: this.at })
    }
    // Also the same name: others may have forgotten whoever was not there.
    if (agent.row.name !== name || agent.written === 0) this.#tell(agent, 'name', { name })
    agent.sockets += 1
    this.#count(agent, null)
    let open = true
    return () => {
      if (open) this.#leave(agent)
      open = false
    }
  }

  say(key: AgentKey, { state, note }: { state: string; note: string | null }): void {
    const agent = this.#find(key)
    if (!agent) return
    const { row } = agent
    if (row.state === state && row.note === note) return
    this.#tell(agent, 'said', { state, note, since: row.state === state ? row.since : this.at })
  }

  learn(key: AgentKey, told: Partial<Pick<AgentFacts, 'sip' | 'provider'>>): void {
    const agent = this.obtain(key)
    if (!agent) return
    const { sip, provider } = told
    if (sip !== undefined && sip !== agent.row.sip) this.#tell(agent, 'sip', { sip })
    if (provider !== undefined && provider !== agent.row.provider) {
      this.#tell(agent, 'provider', { provider })
    }
    this.refresh(agent)
  }

  seen(key: AgentKey, seq: number): void {
    const agent = this.#find(key)
    if (!agent || seq <= (agent.row.seen ?? -1)) return
    agent.row = { ...agent.row, seen: seq }
    this.confirm(agent)
  }

  entry({ app, agent }: AgentKey): PresenceEntry | undefined {
    return this.#apps.get(app)?.get(agent)?.entry ?? undefined
  }

  entries(app: string): PresenceEntry[] {
    const agents = this.#apps.get(app)?.values() ?? []
    return [...agents].flatMap(({ entry }) => entry ?? [])
  }

  /** Now, RFC 3339. */
  get at(): string {
    return new Date(this.#options.now()).toISOString()
  }

  get all(): Agent[] {
    return [...this.#apps.values()].flatMap((agents) => [...agents.values()])
  }

  /** The agent, made if need be; null beyond the bound. */
  obtain(key: AgentKey): Agent | null {
    const agents = this.#apps.get(key.app) ?? new Map<string, Agent>()
    const known = agents.get(key.agent)
    if (known) return known
    if (agents.size >= maxAgents) {
      if (!this.#full.has(key.app)) this.#options.onFull(key.app)
      this.#full.add(key.app)
      return null
    }
    const agent = newAgent(key, this.at)
    this.#apps.set(key.app, agents.set(key.agent, agent))
    return agent
  }

  has({ app, agent }: AgentKey): boolean {
    return this.#apps.get(app)?.has(agent) ?? false
  }

  /** Shows what is known now, and forgets whom nobody needs. */
  refresh(agent: Agent): void {
    const entry = currentEntry(agent, this.#options.nodes, this.at)
    const { app, agent: id } = agent.row
    if (!isDeepStrictEqual(entry, agent.entry)) {
      agent.entry = entry
      this.#options.onChange(app, id)
    }
    if (!isIdle(agent)) return
    const agents = this.#apps.get(app)
    if (agents?.get(id) === agent) agents.delete(id)
    if (agents?.size === 0) this.#apps.delete(app)
    this.#confirmed.delete(agent)
  }

  /** Ends the graces that are over, or not needed: the agent has come back on another hub. */
  settle(): void {
    const now = this.#options.now()
    for (const agent of this.#leaving) {
      if (now >= agent.leavesAt! || isElsewhere(agent, this.#options.nodes))
        this.#count(agent, null)
    }
  }

  /** What it confirmed is told with the next beat. */
  confirm(agent: Agent): void {
    this.#confirmed.add(agent)
  }

  /** What was confirmed since is to be written, and shown. */
  settleConfirmed(): void {
    for (const agent of this.#confirmed) {
      this.touch(agent, 'seen')
      this.refresh(agent)
    }
    this.#confirmed.clear()
  }

  /** The others have forgotten our sockets: they are told again. */
  recount(): void {
    for (const agent of this.all) {
      agent.written = 0
      if (ownSockets(agent) > 0) this.touch(agent, 'name')
    }
  }

  /** Has something of it written. */
  touch(agent: Agent, part?: Part): void {
    if (part) agent.dirty.add(part)
    this.#dirty.add(agent)
  }

  /** At most so many of those with something to write, who now have nothing. */
  takeDirty(limit: number): Agent[] {
    const taken = [...this.#dirty.keys().take(limit)]
    for (const agent of taken) this.#dirty.delete(agent)
    return taken
  }

  #find({ app, agent }: AgentKey): Agent | undefined {
    return this.#apps.get(app)?.get(agent)
  }

  #tell(agent: Agent, part: Part, facts: Partial<AgentFacts>): void {
    agent.row = { ...agent.row, ...facts }
    this.touch(agent, part)
    this.refresh(agent)
  }

  #leave(agent: Agent): void {
    const { graceMs, now, nodes } = this.#options
    agent.sockets -= 1
    const stays = agent.sockets > 0 || isElsewhere(agent, nodes) || graceMs === 0
    this.#count(agent, stays ? null : now() + graceMs)
  }

  /** Its sockets here have changed, or how long the last one is missed. */
  #count(agent: Agent, leavesAt: number | null): void {
    agent.leavesAt = leavesAt
    if (leavesAt === null) this.#leaving.delete(agent)
    else this.#leaving.add(agent)
    if (ownSockets(agent) !== agent.written) this.touch(agent)
    this.refresh(agent)
  }
}
