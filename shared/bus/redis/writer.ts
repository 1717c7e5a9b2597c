import { Backlog } from './backlog.ts'
import { Bell } from './bell.ts'
import { encodeEntry, type Entry } from './entry.ts'
import { Link } from '../../redis/link.ts'
import { clientName, partitionOf, probeKey, streamKey } from './partitions.ts'
import type { JournalRow } from '../../journal/index.ts'
import type { Condition } from '../../redis/condition.ts'
import type { Command, Connection } from '../../redis/connection.ts'
import type { RedisTarget } from '../../redis/index.ts'

/**
 * Entries a stream keeps, about. They serve readers that are busy for a moment: with a thousand, one that stalls for
 * a second finds all that an ingest process writes meanwhile, and 16 streams of 2 KB entries cost Redis 32 MB. Who is
 * away for longer reads the journal, so more would help nobody.
 */
const keptEntries = 1_000

/** For what is still waiting when the bus is closed. */
const drainMs = 500

interface WriterOptions {
  readonly target: RedisTarget
  /** One of the partitions it writes; they all lie on the same server. */
  readonly partition: number
  /** How many writers the process has. */
  readonly writers: number
  readonly condition: Condition
}

/**
 * Brings rows to the streams of one server. Those of one turn go together, and one write is under way at a time;
 * what comes meanwhile waits in the backlog. A write that fails is not tried again: its rows are in the journal.
 */
export class Writer {
  readonly #options: WriterOptions
  readonly #backlog: Backlog
  readonly #link: Link
  readonly #bell = new Bell()
  readonly #drained = Promise.withResolvers<void>()
  #connection: Connection | null = null
  #scheduled = false
  #closing = false

  constructor(options: WriterOptions) {
    const { target, partition, condition, writers } = options
    this.#options = options
    this.#backlog = new Backlog({
      shares: writers,
      onSkipped: (reason, count) => condition.skip(reason, count),
    })
    this.#link = new Link({
      target,
      name: clientName,
      key: streamKey(partition),
      condition,
      serve: (connection, working) => this.#serve(connection, working),
    })
  }

  /** Never throws, never waits. */
  add(app: string, rows: readonly JournalRow[]): void {
    this.#backlog.add(app, rows)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#bell.ring()
    })
  }

  /** Resolves if a write would succeed. @throws why it would not */
  async ping(): Promise<void> {
    if (!this.#connection) throw new Error('not connected yet')
    await this.#probe(this.#connection)
  }

  /** Ends the blocking command of another connection to this server, if it can. */
  unblock(clientId: number): void {
    // Nobody waits for it: a command that is not ended by us ends by itself.
    this.#connection?.ask(['CLIENT', 'UNBLOCK', clientId]).catch(() => {})
  }

  /** Writes what waits if that is a matter of a moment, and ends the connection. */
  async close(): Promise<void> {
    this.#closing = true
    this.#bell.ring()
    const timer = setTimeout(this.#drained.resolve, drainMs)
    if (this.#connection) await this.#drained.promise
    clearTimeout(timer)
    await this.#link.close()
  }

  async #serve(connection: Connection, working: () => void): Promise<never> {
    connection.onLost(() => this.#bell.ring())
    await this.#probe(connection)
    this.#connection = connection
    try {
      for (;;) {
        working()
        if (this.#backlog.empty) {
          if (this.#closing) this.#drained.resolve()
          await this.#bell.heard()
          if (connection.failure) throw connection.failure
        }
        await this.#write(connection, this.#backlog.take())
      }
    } finally {
      this.#connection = null
      if (this.#closing) this.#drained.resolve()
    }
  }

  async #write(connection: Connection, entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return
    const replies = await connection.exchange(entries.map(appending)).catch((error: Error) => {
      this.#skip(entries)
      throw error
    })
    const refused = entries.filter((_, index) => replies[index] instanceof Error)
    if (refused.length === 0) return
    this.#skip(refused)
    throw replies.find((reply) => reply instanceof Error)!
  }

  #skip(entries: readonly Entry[]): void {
    const count = entries.reduce((sum, { rows }) => sum + rows.length, 0)
    this.#options.condition.skip('not written', count)
  }

  /**
   * Tries everything a write needs and writes nothing: NOMKSTREAM adds no entry to a stream that is not there, yet a
   * replica, a full memory, a missing right or a moved slot refuse it like any other.
   */
  async #probe(connection: Connection): Promise<void> {
    const key = probeKey(this.#options.partition)
    await connection.ask(['XADD', key, 'NOMKSTREAM', '*', 'probe', ''])
  }
}

function appending(entry: Entry): Command {
  const key = streamKey(partitionOf(entry.app))
  return ['XADD', key, 'MAXLEN', '~', keptEntries, '*', ...encodeEntry(entry)]
}
