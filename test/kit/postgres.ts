import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { randomUUID } from 'node:crypto'
import { freePort } from './process.ts'

/** Something that ends, and runs what was left with it: a test, or a process. */
export interface Lifetime {
  teardown(end: () => unknown): void
}

const debian = '/usr/lib/postgresql'

/** Where the server's programs are, of the newest version; undefined where it is not installed. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? undefined : join(debian, newest, 'bin')
}

/** The server refuses to run as root: it gets Debian's user of that name. */
export function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** A private PostgreSQL in a temporary folder, on a free port of the loopback. */
export class Postgres {
  readonly url: string
  readonly #dir: string
  readonly #port: number
  readonly #settings: readonly string[]
  #server!: ChildProcess

  private constructor(dir: string, port: number, settings: readonly string[]) {
    this.#dir = dir
    this.#port = port
    this.#settings = settings
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`
  }

  /** @param settings as `name=value`, of postgresql.conf */
  static async start(lifetime: Lifetime, settings: readonly string[] = []): Promise<Postgres> {
    const programs = postgresPrograms()
    if (programs === undefined) {
      throw new Error(
        'PostgreSQL is not installed: apt-get install postgresql, or set DATABASE_URL',
      )
    }
    const dir = mkdtempSync(join(tmpdir(), 'switchhook-postgres-'))
    const { uid, gid } = serverUser()
    if (uid !== undefined) chownSync(dir, uid, gid!)
    const flags = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
    execFileSync(join(programs, 'initdb'), ['-D', dir, ...flags], {
      uid,
      gid,
      stdio: 'pipe',
      cwd: dir,
    })
    const postgres = new Postgres(dir, await freePort(), settings)
    const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    const end = () => {
      postgres.#server.kill('SIGKILL')
      remove()
    }
    process.once('exit', end)
    lifetime.teardown(async () => {
      process.off('exit', end)
      await postgres.stop()
      remove()
    })
    await postgres.start()
    return postgres
  }

  /** Resolves when connections are accepted. */
  async start(): Promise<void> {
    const settings = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      ...this.#settings,
    ].flatMap((setting) => ['-c', setting])
    const { uid, gid } = serverUser()
    const user = uid === undefined ? [] : [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
    const program = join(postgresPrograms()!, 'postgres')
    const server = spawn(
      // It ends when its parent is gone, even by SIGKILL.
      'setpriv',
      [
        ...user,
        '--pdeathsig=QUIT',
        program,
        '-D',
        this.#dir,
        '-p',
        String(this.#port),
        ...settings,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#dir },
    )
    this.#server = server
    const ready = Promise.withResolvers<void>()
    let log = ''
    server.stderr.on('data', (chunk: Buffer) => {
      log = (log + String(chunk)).slice(-10_000)
      if (log.includes('ready to accept connections')) ready.resolve()
    })
    server.once('exit', () => ready.reject(new Error(`PostgreSQL ended: ${log}`)))
    const timer = setTimeout(
      () => ready.reject(new Error(`PostgreSQL does not start: ${log}`)),
      60_000,
    )
    await ready.promise.finally(() => clearTimeout(timer))
  }

  /** Shuts down at once, clients cut off. */
  async stop(): Promise<void> {
    await this.#end('SIGQUIT')
  }

  /** kill -9 of the postmaster and every backend: what a power cut leaves, but for the disk's own cache. */
  async kill(): Promise<void> {
    const backends = this.#backends()
    const ended = this.#end('SIGKILL')
    for (const pid of backends) signal(pid, 'SIGKILL')
    await ended
  }

  /** SIGSTOP of every process of it: it holds connections and answers nothing. */
  freeze(): void {
    for (const pid of [this.#server.pid!, ...this.#backends()]) signal(pid, 'SIGSTOP')
  }

  thaw(): void {
    for (const pid of [...this.#backends(), this.#server.pid!]) signal(pid, 'SIGCONT')
  }

  /** Lets the process exit, which then ends the server. */
  unref(): void {
    this.#server.unref()
    ;(this.#server.stderr as Socket).unref()
  }

  async #end(how: NodeJS.Signals): Promise<void> {
    const server = this.#server
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill(how)
    await exited
  }

  #backends(): number[] {
    const pid = this.#server.pid!
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  }
}

/** A backend may have ended by itself a moment ago. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

let server: Promise<string> | undefined

/** The server that the tests of this process share: DATABASE_URL's, or a private one that ends with the process. */
function sharedServer(): Promise<string> {
  const given = process.env['DATABASE_URL']
  server ??= given ? Promise.resolve(given) : startUntilExit()
  return server
}

async function startUntilExit(): Promise<string> {
  const postgres = await Postgres.start({ teardown: () => {} })
  postgres.unref()
  return postgres.url
}

/** The address of an empty database that goes with the test. */
export async function emptyDatabase(lifetime: Lifetime): Promise<string> {
  const url = await sharedServer()
  const name = `switchhook_${randomUUID().replaceAll('-', '')}`
  await administer(url, `create database ${name}`)
  lifetime.teardown(() => administer(url, `drop database ${name} with (force)`))
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

/** Runs a statement as the server's owner. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new Client(url)
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
