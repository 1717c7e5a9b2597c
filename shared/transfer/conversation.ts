import type { Database, Mode, Sql } from '../database/index.ts'

/** PostgreSQL ends a transaction in which nothing is asked for five seconds, and a slow disk or reader takes longer. */
const heartbeatMs = 1_000

/** What `work` of the transaction ends with to undo it. */
const undone = new Error('the transaction was given up')

/**
 * A transaction that lasts over many calls of procedures, so that nothing but the page at hand need be in memory.
 * While its process lives and is not stopped, it does not count as idle.
 */
export class Conversation {
  readonly #sql: Sql
  readonly #end: PromiseWithResolvers<void>
  readonly #ended: Promise<void>
  readonly #heart: NodeJS.Timeout
  /** Questions under way: a heartbeat behind a long one would only run into its own time limit. */
  #asked = 0

  private constructor(sql: Sql, end: PromiseWithResolvers<void>, ended: Promise<void>) {
    this.#sql = sql
    this.#end = end
    this.#ended = ended
    this.#heart = setInterval(() => this.#beat(), heartbeatMs)
    this.#heart.unref()
  }

  static async begin(db: Database, mode: Mode): Promise<Conversation> {
    const begun = Promise.withResolvers<Sql>()
    const end = Promise.withResolvers<void>()
    const ended = db.transaction((sql) => {
      begun.resolve(sql)
      return end.promise
    }, mode)
    ended.catch(begun.reject)
    return new Conversation(await begun.promise, end, ended)
  }

  async ask<Answer>(question: (sql: Sql) => Promise<Answer>): Promise<Answer> {
    this.#asked += 1
    try {
      return await question(this.#sql)
    } finally {
      this.#asked -= 1
    }
  }

  /** @throws what kept it from being committed */
  async commit(): Promise<void> {
    clearInterval(this.#heart)
    this.#end.resolve()
    await this.#ended
  }

  /** Leaves the store as it was before, unless it was committed; never throws. */
  async undo(): Promise<void> {
    clearInterval(this.#heart)
    this.#end.reject(undone)
    await this.#ended.catch(() => {})
  }

  #beat(): void {
    // A lost connection is told to the next question.
    if (this.#asked === 0) void this.ask((sql) => sql.query('select 1')).catch(() => {})
  }
}
