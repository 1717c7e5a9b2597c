/** What a column may hold on its way in and out. */
export type Value = string | number | null | Uint8Array

/** Many rows into one table; every row has the keys of the first. */
export interface Insert {
  readonly into: string
  readonly rows: readonly Readonly<Record<string, Value>>[]
  /** What happens to a row whose key exists: skip it, or overwrite the named columns. */
  readonly conflict?: 'ignore' | { readonly key: string; readonly update: readonly string[] }
  readonly returning?: string
}

/**
 * SQL that reads the same on SQLite and PostgreSQL: parameters are `$1`, `$2`, …; `among` hides the one
 * spelling that differs. Statements run in the order they were asked for, so those that need not wait for each
 * other's rows may be asked for at once: over a network they then share one round trip. Errors are the driver's.
 */
export interface Sql {
  query<Row>(text: string, ...parameters: Value[]): Promise<Row[]>
  /** One statement for all rows where the engine has it; resolves to the `returning` rows, in any order. */
  insert<Row>(insert: Insert): Promise<Row[]>
  /** A condition, true for the strings in a JSON array parameter: `where id ${sql.among('$1')}`. */
  among(parameter: string): string
}

/** A text with the values of its parameters. */
export interface Statement {
  readonly text: string
  readonly values: readonly Value[]
}

/** A write, and how many rows it must touch. */
export interface Write {
  readonly write: Insert | Statement
  readonly expect: number
}

/**
 * What a transaction is for. `write`: sees what others committed before each statement. `read`: all statements see
 * one moment. `alone`: no other process is in such a transaction at the same time, and it may take its time.
 */
export type Mode = 'write' | 'read' | 'alone'

/** A connection that can also run a transaction. */
export interface Database extends Sql {
  /**
   * Commits when `work` resolves and rolls back when it rejects. A statement `work` did not wait for still counts:
   * if it fails, nothing is committed.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>, mode?: Mode): Promise<T>
  /**
   * Writes all of it in one round trip, in order, or nothing when one of the writes touches another number of rows
   * than it must. @returns whether it was written
   */
  allOrNone(writes: readonly Write[]): Promise<boolean>
}

/** A module whose exported functions run beside the connection: in the store's thread, or in process. */
export type Procedures<M> = {
  [K in keyof M]: M[K] extends (database: Database, ...rest: infer Rest) => Promise<infer Result>
    ? (...rest: Rest) => Promise<Result>
    : never
}

/** A store as services hold it. */
export interface Store {
  /** Binds the procedures of a module, given as `import.meta.resolve('./sql.ts')`. */
  procedures<M>(module: string): Procedures<M>
  close(): Promise<void>
}
