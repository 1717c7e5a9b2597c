import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Client } from 'pg'
import { parentOf } from './measure.ts'

/** A PostgreSQL on this machine. */
export interface DatabaseServer {
  /** The process whose children are all others of the server. */
  readonly postmaster: number
  /** Does some work with an empty database that is gone afterwards. */
  withDatabase<Result>(work: (url: string) => Promise<Result>): Promise<Result>
}

/** @throws in words if there is no `DATABASE_URL`, or its server is not on this machine */
export async function databaseServer(): Promise<DatabaseServer> {
  const url = process.env['DATABASE_URL']
  if (!url) {
    throw new Error(
      'there is no DATABASE_URL: `npx -y pnpm@12 bench ingest` starts a PostgreSQL and sets it',
    )
  }
  const postmaster = await connected(url, postmasterOf)
  return {
    postmaster,
    async withDatabase(work) {
      const name = `bench_${randomUUID().replaceAll('-', '')}`
      await query(url, `create database ${name}`)
      // What is left to be written of others is no cost of whoever comes now.
      await query(url, 'checkpoint')
      try {
        const address = new URL(url)
        address.pathname = `/${name}`
        return await work(address.href)
      } finally {
        await query(url, `drop database ${name} with (force)`)
      }
    },
  }
}

/** Asks a database one thing over a connection of its own. */
export function query<Row>(url: string, text: string): Promise<Row[]> {
  return connected(url, async (client) => (await client.query(text)).rows as Row[])
}

async function connected<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** @throws if the server is in a container or elsewhere: its CPU time would be missing */
async function postmasterOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const { pid } = rows[0]!
  try {
    const program = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    if (program.startsWith('postgres')) return parentOf(pid)
  } catch {
    // No such process here.
  }
  throw new Error('DATABASE_URL names a PostgreSQL that is not on this machine: its CPU counts too')
}
