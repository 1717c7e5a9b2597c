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
 * SQL that reads the same on SQLite and PostgreSQL: parameters are `$1`, `$2`, …; `list` hides the one
 * spelling that differs. Errors are the driver's; `isUnavailable` tells a store that is away from a mistake.
 */
export interface Sql {
  query<Row>(text: string, ...parameters: Value[]): Promise<Row[]>
  /** One statement for all rows where the engine has it; resolves to the `returning` rows, in order. */
  insert<Row>(insert: Insert): Promise<Row[]>
  /** A subquery of the strings in a JSON array parameter: `where id in ${sql.list('$1')}`. */
  list(parameter: string): string
}

/** A connection that can also run a transaction; it commits when `work` resolves and rolls back when it rejects. */
export interface Database extends Sql {
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
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
