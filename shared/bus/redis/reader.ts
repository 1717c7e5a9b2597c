import { Bell } from './bell.ts'
import { appOf, rowsOf } from './entry.ts'
import { Link } from '../../redis/link.ts'
import { clientName, streamKey } from './partitions.ts'
import { isBefore, millisecondsOf, type Position } from './position.ts'
import type { Condition } from '../../redis/condition.ts'
import type { Connection } from '../../redis/connection.ts'
import type { Listeners } from '../listeners.ts'
import type { RedisTarget } from '../../redis/index.ts'

/** For entries to come; also how long a partition waits to be read if the wake-up is lost. */
const blockMs = 1_000
/** For the answer to a read: longer, and the server is frozen or cut off. */
const watchdogMs = 3_000
/** Entries of each stream in one reply, to bound its size. */
const entriesPerRead = 32
/** Between looks at the server's clock. */
const clockMs = 1_000

interface ReaderOptions {
  readonly target: RedisTarget
  /** One of the partitions it reads; they all lie on the same server. */
  readonly partition: number
  readonly listeners: Listeners
  readonly condition: Condition
  /** Ends the blocking read of a connection by its id, through another connection. */
  readonly unblock: (clientId: number) => void
}

type Fields = readonly string[]
type ReadReply = readonly (readonly [
  key: string,
  entries: readonly (readonly [Position, Fields])[],
])[]

/**
 * Follows the streams of one server in which somebody listens, with one blocking XREAD (no groups: every process
 * gets every entry). It begins at the end of each, anew after a reconnection, since what was missed is in the journal.
 */
export class Reader {
  readonly #options: ReaderOptions
  readonly #bell = new Bell()
  readonly #link: Link
  /** The partitions to read, and how many subscriptions want each. */
  readonly #wanted = new Map<number, number>()
  /** The last entry seen of each partition that is read. */
  readonly #positions = new Map<number, Position>()
  #clientId: number | null = null
  #reading = false
  #clockAt = 0

  constructor(options: ReaderOptions) {
    const { target, partition, condition } = options
    this.#options = options
    this.#link = new Link({
      target,
      name: clientName,
      key: streamKey(partition),
      condition,
      serve: (connection, working) => this.#serve(connection, working),
    })
  }

  /** Reads a partition from now on, until it was released as often. */
  want(partition: number): void {
    const subscriptions = this.#wanted.get(partition) ?? 0
    this.#wanted.set(partition, subscriptions + 1)
    if (subscriptions > 0) return
    this.#bell.ring()
    if (this.#reading && this.#clientId !== null) this.#options.unblock(this.#clientId)
  }

  release(partition: number): void {
    const subscriptions = this.#wanted.get(partition) ?? 0
    this.#wanted.set(partition, subscriptions - 1)
    if (subscriptions > 1) return
    this.#wanted.delete(partition)
    this.#positions.delete(partition)
  }

  async close(): Promise<void> {
    await this.#link.close()
  }

  async #serve(connection: Connection, working: () => void): Promise<never> {
    connection.onLost(() => this.#bell.ring())
    this.#positions.clear()
    // Who may not ask for it reads a new partition after `blockMs` at the latest.
    const [id] = await connection.exchange([['CLIENT', 'ID']])
    this.#clientId = typeof id === 'number' ? id : null
    for (;;) {
      const unread = [...this.#wanted.keys()].filter((one) => !this.#positions.has(one))
      if (this.#wanted.size === 0) {
        working()
        await this.#bell.heard()
        if (connection.failure) throw connection.failure
      } else if (unread.length > 0) {
        await this.#findEnds(connection, unread)
      } else if (performance.now() - this.#clockAt > clockMs) {
        await this.#heedClock(connection)
      } else {
        // Nothing was awaited since the look at what is wanted, and from here on a change ends the read.
        await this.#read(connection)
        working()
      }
    }
  }

  /**
   * Pins the place where reading begins. `$` would mean another one in each XREAD, and what is added between two
   * of them would belong to neither.
   */
  async #findEnds(connection: Connection, partitions: readonly number[]): Promise<void> {
    for (const [partition, end] of await lastEntries(connection, partitions)) {
      if (this.#wanted.has(partition)) this.#positions.set(partition, end)
    }
  }

  /**
   * Ids begin with the server's time and only grow, but a stream that was flushed begins anew: if the clock was
   * set back before, its ids stay below our position, and we would wait for as long as the clock was set back. So what
   * lies ahead of the clock is compared with its stream; of a stream that is behind us, all is new.
   */
  async #heedClock(connection: Connection): Promise<void> {
    this.#clockAt = performance.now()
    const [seconds] = (await connection.ask(['TIME'])) as [string, string]
    const latest = (Number(seconds) + 1) * 1_000
    const ahead = [...this.#positions].filter(([, position]) => millisecondsOf(position) > latest)
    if (ahead.length === 0) return
    const partitions = ahead.map(([partition]) => partition)
    const ends = await lastEntries(connection, partitions)
    for (const [partition, position] of ahead) {
      const behind = isBefore(ends.get(partition)!, position)
      if (behind && this.#wanted.has(partition)) this.#positions.set(partition, '0-0')
    }
  }

  async #read(connection: Connection): Promise<void> {
    const read = [...this.#positions]
    const streams = new Map(read.map(([partition]) => [streamKey(partition), partition]))
    const positions = read.map(([, position]) => position)
    const limits = ['COUNT', entriesPerRead, 'BLOCK', blockMs] as const
    this.#reading = true
    const reply = (await connection
      .ask(['XREAD', ...limits, 'STREAMS', ...streams.keys(), ...positions], watchdogMs)
      .finally(() => (this.#reading = false))) as ReadReply | null
    for (const [key, entries] of reply ?? []) {
      for (const [id, fields] of entries) this.#take(streams.get(key)!, id, fields)
    }
  }

  #take(partition: number, id: Position, fields: Fields): void {
    // Nobody may want it any more, not since the last entry either.
    if (!this.#wanted.has(partition)) return
    this.#positions.set(partition, id)
    const app = appOf(fields)
    try {
      if (app === null) throw new Error('it names no app')
      if (this.#options.listeners.has(app)) this.#options.listeners.deliver(app, rowsOf(fields))
    } catch {
      this.#options.condition.skip('not readable', 1)
    }
  }
}

/** The id of the last entry of each partition's stream, or the one before all. */
async function lastEntries(
  connection: Connection,
  partitions: readonly number[],
): Promise<Map<number, Position>> {
  const replies = await connection.exchange(
    partitions.map((partition) => ['XREVRANGE', streamKey(partition), '+', '-', 'COUNT', 1]),
  )
  return new Map(
    partitions.map((partition, index) => {
      const reply = replies[index]
      if (reply instanceof Error) throw reply
      const [last] = reply as [last?: [Position, Fields]]
      return [partition, last?.[0] ?? '0-0']
    }),
  )
}
