/**
 * What says that SQLite cannot take any delivery now, by primary result code (sqlite.org/rescode.html): PERM, BUSY,
 * LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, SCHEMA, AUTH, NOTADB.
 */
const sqliteAway = new Set([3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17, 23, 26])
const sqliteError = 1

/**
 * The same of PostgreSQL, by class of SQLSTATE: connection, transaction state, authorization, catalog, rollback,
 * schema (our statements are constants: no delivery makes them wrong), resources, object state, operator, system,
 * configuration.
 */
const postgresAway = new Set(
  '08 25 28 3D 3F 40 42 53 55 57 58 F0'.split(' '), // Appendix A of its manual
)

/** What the driver and the store's thread say without a code. */
const wordsOfAbsence =
  /connect|terminated|time(d )?out|timeout|not queryable|pool|thread ended|no such (table|column)|has no column/i

/** What only a delivery can cause: it does not fit into a call, a message, a column. */
const ownFault = new Set(['TypeError', 'RangeError', 'SyntaxError', 'DataCloneError'])

/**
 * Whether a store that did not accept a batch is away, for whatever was in it. Else it is the batch that was refused.
 * A mistake here costs little: one that is away refuses the quarantine of a delivery too.
 */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return isSqliteAway(errcode, error.message)
  if (ownFault.has(error.name)) return false
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) {
    // EPIPE and EBUSY have five letters too; no class of SQLSTATE begins with E.
    return code.startsWith('E') || postgresAway.has(code.slice(0, 2))
  }
  return typeof code === 'string' || wordsOfAbsence.test(error.message)
}

function isSqliteAway(errcode: number, message: string): boolean {
  const primary = errcode & 0xff
  return sqliteAway.has(primary) || (primary === sqliteError && wordsOfAbsence.test(message))
}
