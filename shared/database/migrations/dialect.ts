/** What an engine calls things, and what it is better without. */
export interface Dialect {
  /** The type of octets. */
  readonly bytes: string
  /** The type of ids and keys: compared by their bytes, not as words of a language. */
  readonly key: string
  /** Behind a table that is nothing but its key. */
  readonly clustered: string
  /** Behind the column of a row that is written thousands of times a second. */
  references(target: string): string
}

export const sqlite: Dialect = {
  bytes: 'blob',
  key: 'text',
  clustered: ' without rowid',
  references: (target) => ` references ${target}`,
}

/** A reference costs PostgreSQL a query for each row; the transaction that writes it knows that the target is there. */
export const postgres: Dialect = {
  bytes: 'bytea',
  key: 'text collate "C"',
  clustered: '',
  references: () => '',
}
