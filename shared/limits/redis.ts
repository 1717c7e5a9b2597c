import { createHash } from 'node:crypto'
import { Condition } from '../redis/condition.ts'
import { Link } from '../redis/link.ts'
import { windowMs, type Tally } from './contract.ts'
import type { Connection } from '../redis/connection.ts'
import type { RedisReports, RedisTarget } from '../redis/index.ts'

/** For one answer. A Redis that needs longer is left alone until it has answered a probe as fast. */
const deadlineMs = 50

/** A key that has no end, for whatever reason, gets one: nobody must stay beyond a limit for ever. */
const script = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}`

/** The braces are a hash tag: in a cluster all counts lie on one node, and one connection is enough. */
const prefix = 'switchhook:{limits}:'

/** Counts of all processes together. One that Redis does not answer in time is nobody's: see {@link take}. */
export class SharedCounts {
  readonly #link: Link
  #connection: Connection | null = null

  /** Begins to connect; nothing waits for it. */
  constructor(target: RedisTarget, reports: RedisReports) {
    this.#link = new Link({
      target,
      name: 'switchhook-limits',
      key: prefix,
      condition: new Condition(reports),
      serve: (connection, working) => this.#serve(connection, working),
    })
  }

  /**
   * Null when Redis is away: at once, or for the first after 50 ms. From then on nobody waits for it, until it is
   * back: the connection was given up, and the next one is used when it has shown that it counts.
   */
  async take(key: string): Promise<Tally | null> {
    const connection = this.#connection
    return connection && count(connection, keyOf(key)).catch(() => null)
  }

  async close(): Promise<void> {
    await this.#link.close()
  }

  async #serve(connection: Connection, working: () => void): Promise<never> {
    const lost = new Promise<void>((resolve) => connection.onLost(resolve))
    await count(connection, `${prefix}probe`)
    working()
    this.#connection = connection
    await lost
    this.#connection = null
    throw connection.failure!
  }
}

/** Who counts is nothing that Redis must know, nor how long it is. */
function keyOf(key: string): string {
  return prefix + createHash('sha256').update(key).digest('base64url').slice(0, 22)
}

/** @throws when the connection is of no use any more; it is closed then */
async function count(connection: Connection, key: string): Promise<Tally> {
  const [reply] = await connection.exchange([['EVAL', script, 1, key, windowMs]], deadlineMs)
  if (Array.isArray(reply)) return { count: Number(reply[0]), resetMs: Number(reply[1]) }
  // A replica, a full memory, a missing right: the next answer would be the same.
  const refusal = reply instanceof Error ? reply : new Error('what answers there does not count')
  connection.destroy(refusal)
  throw refusal
}
