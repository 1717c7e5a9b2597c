import { randomUUID } from 'node:crypto'
import { Exchange } from './exchange.ts'
import { Nodes } from './nodes.ts'
import { maxAgents, Roster } from './roster.ts'
import { turnsOf } from '../../turns.ts'
import { Watchers, type PresenceDiff } from './watchers.ts'
import { said, stored } from './words.ts'
import type { FastifyBaseLogger } from 'fastify'
import type { AgentFacts, PresenceRows } from '@switchhook/shared/presence'
import type { PresenceEntry } from '@switchhook/shared/protocol'

export type { PresenceDiff } from './watchers.ts'

/** Who is there: one entry for each agent, whatever hubs the agent's sockets are on. */
export interface Presence {
  /** A socket of this user opened here; returns what undoes it. */
  enter(app: string, agent: { id: string; name: string }): () => void
  /** The user says how they are. @throws CodedError `bad_frame` */
  say(app: string, agent: string, words: { state: string; note?: string }): void
  /** What the provider or the SIP side tells; null: it does not know any more. */
  learn(app: string, agent: string, told: Partial<Pick<AgentFacts, 'sip' | 'provider'>>): void
  /** The highest event that a client of the agent confirmed; shown, and told to other hubs, every 5 s. */
  seen(app: string, agent: string, seq: number): void
  list(app: string): readonly PresenceEntry[]
  /** Of these agents, those who are there or of whom something is known. */
  get(app: string, agents: readonly string[]): Record<string, PresenceEntry>
  /** Calls at most four times a second, with what changed since; returns what ends it. */
  watch(app: string, onChange: (diff: PresenceDiff) => void): () => void
}

/** Presence of a hub, as its process looks after it. */
export interface OpenPresence extends Presence {
  /** Writes what changed here and reads what changed elsewhere; never rejects. */
  turn(): Promise<void>
  /** The hub stops: its agents count for the grace, in which they come back on another one. */
  close(): Promise<void>
}

interface PresenceOptions {
  readonly rows: PresenceRows
  /** How long the last socket may be away before its agent is. */
  readonly graceMs: number
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'info'>
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** While turns fail what is known still holds: nobody goes offline because the store is away. */
const phrases = {
  failed: 'presence not exchanged',
  again: 'presence exchanged again',
  unended: 'presence not ended',
}

/** A store that is slow now is not waited for: the lease of 15 s says the same later. */
const leaveMs = 2_000

/** Opens the presence of a hub. Its memory answers; the store only carries it to the other hubs. */
export function openPresence({
  rows,
  graceMs,
  log,
  now = Date.now,
}: PresenceOptions): OpenPresence {
  const node = randomUUID()
  const nodes = new Nodes(graceMs)
  const watchers = new Watchers((app, agent) => roster.entry({ app, agent }))
  const roster = new Roster({
    nodes,
    graceMs,
    now,
    onChange: (app, agent) => watchers.changed(app, agent),
    onFull: (app) => log.warn({ app, shown: maxAgents }, 'more agents than presence shows'),
  })
  const exchange = new Exchange({ node, rows, nodes, roster, now })
  const turns = turnsOf(() => exchange.turn(), { log, phrases })

  return {
    enter: (app, { id, name }) => roster.enter({ app, agent: stored(id) }, stored(name)),
    say: (app, agent, words) => roster.say({ app, agent: stored(agent) }, said(words)),
    learn(app, agent, told) {
      const { provider } = told
      const words = typeof provider === 'string' ? { provider: stored(provider) } : {}
      roster.learn({ app, agent: stored(agent) }, { ...told, ...words })
    },
    seen: (app, agent, seq) => roster.seen({ app, agent: stored(agent) }, seq),
    list: (app) => roster.entries(app),
    get(app, agents) {
      const found = agents.flatMap((agent): [string, PresenceEntry][] => {
        const entry = roster.entry({ app, agent: stored(agent) })
        return entry ? [[agent, entry]] : []
      })
      return Object.fromEntries(found)
    },
    watch: (app, onChange) => watchers.watch(app, onChange),
    turn: () => turns.take(),
    async close() {
      watchers.close()
      await turns.end(() => exchange.leave(), leaveMs)
    },
  }
}
