import { takeBatch } from './batch.ts'
import type { AgentRow, News, PresenceRows, SocketsRow } from '@switchhook/shared/presence'
import type { Agent } from './agent.ts'
import type { Nodes } from './nodes.ts'
import type { Roster } from './roster.ts'

interface ExchangeOptions {
  /** What this hub is called. */
  readonly node: string
  readonly rows: PresenceRows
  readonly nodes: Nodes
  readonly roster: Roster
  /** Unix milliseconds. */
  readonly now: () => number
}

/** A hub that lives says so this often. */
const beatMs = 5_000

/** Who has not looked for longer may have missed a row that came and went. */
const maxGapMs = 30_000

/** Rows that say `none` stay until everybody has read them. */
const sweepMs = 60_000

/** An agent of whom nobody was told anything for so long begins anew. */
const silenceMs = 86_400_000

/** Tells the other hubs what happens here, and learns what happens there; each turn a bounded number of statements. */
export class Exchange {
  readonly #options: ExchangeOptions
  /** The revision up to which everything was read; -1: nothing was. */
  #after = -1
  #lookedAt = 0
  #beatAt = -Infinity
  #sweptAt: number

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#sweptAt = options.now()
  }

  /** Writes, then reads. @throws if the store cannot; what was to be written is kept, and what is known stays */
  async turn(): Promise<void> {
    const { roster } = this.#options
    roster.settle()
    await this.#beat()
    await this.#write()
    await this.#look()
    roster.settle()
    await this.#sweep()
  }

  /** The last words of a hub that stops. */
  async leave(): Promise<void> {
    const { rows, node, roster } = this.#options
    await Promise.all([this.#write(), rows.leave(node, roster.at)])
  }

  async #beat(): Promise<void> {
    const { rows, node, roster, now } = this.#options
    if (now() - this.#beatAt < beatMs) return
    const known = await rows.beat(node, roster.at)
    this.#beatAt = now()
    if (!known) roster.recount()
    roster.settleConfirmed()
  }

  async #write(): Promise<void> {
    const { rows, node, roster } = this.#options
    const batch = takeBatch(roster, node)
    if (!batch) return
    let written = false
    try {
      // We read it again like everybody: the row may say more of an agent than we remember.
      await rows.write(batch.change)
      written = true
    } finally {
      batch.end(written)
    }
  }

  async #look(): Promise<void> {
    const { rows, nodes, now } = this.#options
    if (now() - this.#lookedAt > maxGapMs) this.#after = -1
    const whole = this.#after < 0
    const news = await rows.look(this.#after)
    this.#lookedAt = now()
    const change = nodes.notice(news.nodes, now())
    this.#accept(news, { whole, all: whole || change !== 'same' })
    // A lower one: the store is another one. One that was gone is back: its rows were not kept.
    const again = news.revision < this.#after || change === 'revived'
    this.#after = again ? -1 : news.revision
  }

  /** @param how whole: nothing counts that is not among the news; all: everybody's entry may change */
  #accept({ agents, sockets }: News, how: { whole: boolean; all: boolean }): void {
    const { roster } = this.#options
    const known = how.all ? roster.all : []
    if (how.whole) for (const agent of known) agent.others.clear()
    const touched = new Set<Agent | null>(known)
    for (const row of sockets) touched.add(this.#acceptSockets(row))
    for (const row of agents) touched.add(this.#acceptAgent(row))
    for (const agent of touched) if (agent) roster.refresh(agent)
  }

  #acceptSockets(row: SocketsRow): Agent | null {
    const { node, nodes, roster } = this.#options
    if (row.node === node) return null
    const counts = row.sockets > 0 && nodes.state(row.node) !== 'gone'
    if (!counts && !roster.has(row)) return null
    const agent = roster.obtain(row)
    if (counts) agent?.others.set(row.node, row.sockets)
    else agent?.others.delete(row.node)
    return agent
  }

  #acceptAgent(row: AgentRow): Agent | null {
    const { roster } = this.#options
    const matters = row.sip === 'registered' || row.provider !== null
    if (!matters && !roster.has(row)) return null
    const agent = roster.obtain(row)
    if (!agent) return null
    agent.row = merged(agent, row)
    // Somebody wrote over it who did not know the higher one yet.
    if (agent.row.seen !== row.seen) roster.confirm(agent)
    return agent
  }

  async #sweep(): Promise<void> {
    const { rows, node, nodes, now } = this.#options
    if (now() - this.#sweptAt < sweepMs) return
    const [noneSince, silentSince] = [sweepMs, silenceMs].map((ms) => timeOf(now() - ms))
    await rows.sweep({ node, gone: nodes.waste, noneSince: noneSince!, silentSince: silentSince! })
    this.#sweptAt = now()
  }
}

/** What was read, but for what we are about to write over it. */
function merged({ row: own, dirty }: Agent, read: AgentRow): AgentRow {
  const { state, note, since } = dirty.has('said') ? own : read
  return {
    app: own.app,
    agent: own.agent,
    name: dirty.has('name') ? own.name : read.name,
    state,
    note,
    since,
    sip: dirty.has('sip') ? own.sip : read.sip,
    provider: dirty.has('provider') ? own.provider : read.provider,
    seen:
      own.seen === null || read.seen === null
        ? (own.seen ?? read.seen)
        : Math.max(own.seen, read.seen),
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
