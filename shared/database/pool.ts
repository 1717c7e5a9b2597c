import { Pool, TypeOverrides, type PoolConfig } from 'pg'
import type { StoreOptions } from './options.ts'

export type { Pool, PoolClient } from 'pg'

/** For a free connection, opening one included; who waits longer answers 503. */
const connectMs = 2_000
/** For one statement: the server gives it up, a lock it waits for included. */
const statementMs = 3_000
/** For its answer: a server that is frozen or cut off gives nothing up. */
const answerMs = 4_000
/** Between two statements of a transaction: a process that is frozen here would hold its locks for ever. */
const idleInTransactionMs = 5_000

/**
 * A fresh database has no statistics, and a prepared statement keeps the plan of its first moments: a scan of a table
 * that was small then. Every statement that runs often has an index.
 */
const plans = '-c enable_seqscan=off -c jit=off'

const int8 = 20

/** The connections of this process, opened when needed. */
export function openPool(options: StoreOptions, onDisconnect: (error: Error) => void): Pool {
  const pool = new Pool({
    ...serverOf(options),
    application_name: 'switchhook',
    options: plans,
    max: options.connections,
    // Statements asked for at once leave at once, and are answered in their order.
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: answerMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    types: typeParsers(),
  })
  pool.on('error', onDisconnect)
  // In use, a client tells its statements about a lost connection; unheard, its event would end the process.
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}

function serverOf({ url, host, port, user, password, name }: StoreOptions): PoolConfig {
  if (url !== undefined) return { connectionString: url }
  return { host, port, user, password, database: name }
}

/** Counters are 64 bits wide and stay far below 2^53. */
function typeParsers(): TypeOverrides {
  const parsers = new TypeOverrides()
  parsers.setTypeParser(int8, Number)
  return parsers
}

/** What the usual failures at start mean and what helps; others keep their own words. */
const meanings: Readonly<Record<string, (where: string, options: StoreOptions) => string>> = {
  ECONNREFUSED: (where) => `nobody listens at ${where}: is PostgreSQL running there?`,
  ENOTFOUND: (where) => `the name of ${where} does not resolve`,
  EAI_AGAIN: (where) => `the name of ${where} does not resolve now`,
  ETIMEDOUT: (where) => `${where} does not answer: is there a firewall between?`,
  '28P01': (where) => `${where} refuses the password`,
  '28000': (where) => `${where} refuses this user from here: look at its pg_hba.conf`,
  '3D000': (where) => `${where} has no such database: create it (createdb)`,
  '57P03': (where) => `${where} is starting up or shutting down: try again`,
  '53300': (where) => `${where} has no connection left: raise max_connections`,
  '42501': (where) => `${where} does not let this user create tables`,
}

/** Names the variable and the server, never the password. */
export function inPlainWords(error: unknown, options: StoreOptions): Error {
  const { code = '', message } = error as NodeJS.ErrnoException
  const variable = options.url === undefined ? 'DB_HOST' : 'DATABASE_URL'
  const where = addressOf(options)
  const meaning = meanings[code]?.(where, options) ?? `${where}: ${message || String(error)}`
  return new Error(`${variable}: ${meaning}`, { cause: error })
}

function addressOf({ url, host, port, user, name }: StoreOptions): string {
  if (url === undefined) return `${user}@${host}:${port}/${name}`
  const parsed = new URL(url)
  return `${parsed.username}@${parsed.host}${parsed.pathname}`
}
