import { Nodes } from './nodes.ts'
import type { Registrations } from '@switchhook/shared/registrations'
import type { Table } from './table.ts'

export interface ExchangeOptions {
  /** What this process is called. */
  readonly node: string
  readonly rows: Registrations
  readonly table: Table
  /** Unix milliseconds. */
  readonly now: () => number
}

/** A process that lives says so, and looks who else does, this often. */
const beatMs = 5_000
/** Registrations of a statement. */
const maxRows = 1_000
/** What is over is removed this often; */
const sweepMs = 60_000
/** and only so long after, for clocks differ. */
const slackMs = 60_000

/** Tells the store who is registered here, and takes out of it whom nobody can speak for any more. */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #nodes = new Nodes()
  #beatAt = -Infinity
  #sweptAt: number

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#sweptAt = options.now()
  }

  /** @throws if the store cannot; what was to be written is kept, the latest of each */
  async turn(): Promise<void> {
    const { table, now } = this.#options
    const isBeat = isOver(now() - this.#beatAt, beatMs)
    if (isBeat) {
      table.expire(now())
      await this.#beat()
    }
    await this.#write()
    if (isBeat) await this.#sweep()
  }

  /** The last words of a process that stops. */
  async leave(): Promise<void> {
    await this.#options.rows.leave(this.#options.node)
  }

  async #beat(): Promise<void> {
    const { rows, node, table, now } = this.#options
    const known = await rows.beat(node, this.#at())
    this.#beatAt = now()
    if (!known) table.touchAll()
  }

  async #write(): Promise<void> {
    const { rows, node, table } = this.#options
    const batch = table.take(maxRows)
    if (!batch) return
    try {
      await rows.write({ node, ...batch })
    } catch (error) {
      table.putBack(batch)
      throw error
    }
  }

  async #sweep(): Promise<void> {
    const { rows, node, now } = this.#options
    this.#nodes.notice(await rows.nodes())
    const gone = this.#nodes.gone.filter((id) => id !== node)
    if (gone.length === 0 && !isOver(now() - this.#sweptAt, sweepMs)) return
    await rows.sweep({ gone, expiredSince: this.#at(-slackMs) })
    this.#sweptAt = now()
  }

  /** RFC 3339. */
  #at(ms = 0): string {
    return new Date(this.#options.now() + ms).toISOString()
  }
}

/** Also when the clock was set back by more: nobody waits until it has caught up. */
function isOver(passedMs: number, waitMs: number): boolean {
  return Math.abs(passedMs) >= waitMs
}
