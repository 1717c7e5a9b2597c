import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './process.ts'
import type { Socket } from 'node:net'
import type { Lifetime } from './postgres.ts'

const program = '/usr/bin/redis-server'
/** Ends what it starts when its parent is gone, even by SIGKILL. */
const guard = '/usr/bin/setpriv'

interface RedisOptions {
  readonly port?: number
  /** Of the command line, after the kit's own. */
  readonly args?: readonly string[]
  /** Lines of a sentinel's file: makes it one. */
  readonly sentinel?: readonly string[]
}

/** A private redis-server without persistence, on a free port of the loopback. */
export class RedisServer {
  readonly port: number
  readonly url: string
  readonly #dir: string
  readonly #command: readonly string[]
  #server!: ChildProcess

  private constructor(dir: string, port: number, { args = [], sentinel }: RedisOptions) {
    this.#dir = dir
    this.port = port
    this.url = `redis://127.0.0.1:${port}`
    // A sentinel writes what it learns into its file.
    if (sentinel) writeFileSync(join(dir, 'sentinel.conf'), `${sentinel.join('\n')}\n`)
    const kind = sentinel ? ['sentinel.conf', '--sentinel'] : ['--save', '', '--appendonly', 'no']
    this.#command = [...kind, '--bind', '127.0.0.1', '--port', String(port), ...args]
  }

  static async start(lifetime: Lifetime, options: RedisOptions = {}): Promise<RedisServer> {
    if (!existsSync(program)) {
      throw new Error('Redis is not installed: apt-get install redis-server, or set REDIS_URL')
    }
    const dir = mkdtempSync(join(tmpdir(), 'switchhook-redis-'))
    const server = new RedisServer(dir, options.port ?? (await freePort()), options)
    const end = () => {
      server.#server?.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    }
    process.once('exit', end)
    lifetime.teardown(async () => {
      process.off('exit', end)
      await server.kill()
      end()
    })
    await server.restart()
    return server
  }

  get pid(): number {
    return this.#server.pid!
  }

  /** Starts it, empty, after it was stopped or killed; resolves when it accepts connections. */
  async restart(): Promise<void> {
    const guarded = existsSync(guard) ? [guard, '--pdeathsig', 'KILL', program] : [program]
    const [command = program, ...rest] = [...guarded, ...this.#command]
    const server = spawn(command, rest, { cwd: this.#dir, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#server = server
    const deadline = AbortSignal.timeout(60_000)
    for (let log = ''; !/Ready to accept connections|Sentinel ID is/.test(log);) {
      if (server.exitCode !== null) throw new Error(`Redis did not start: ${log}`)
      const [chunk] = (await Promise.race([
        once(server.stdout, 'data', { signal: deadline }),
        once(server, 'exit', { signal: deadline }),
      ])) as [unknown]
      log += String(chunk)
    }
    server.stdout.resume()
  }

  /** Ends it as a service manager does. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** kill -9, whatever state it is in. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGSTOP: the kernel still accepts connections for it, and nothing is answered. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP')
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  /** Lets the process end while the server runs; it ends with the process. */
  unref(): void {
    this.#server.unref()
    const log = this.#server.stdout as Socket
    log.unref()
  }

  async #end(how: NodeJS.Signals): Promise<void> {
    const server = this.#server
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill(how)
    await exited
  }
}

/** Starts a private server that goes with the test, also when it fails. */
export function startRedis(lifetime: Lifetime, options?: RedisOptions): Promise<RedisServer> {
  return RedisServer.start(lifetime, options)
}

let shared: Promise<string> | undefined

/**
 * The address of the server that the tests of this process share: REDIS_URL's, or a private one that ends with the
 * process. Others may use it as well, so apps are random.
 */
export function sharedRedis(): Promise<string> {
  const given = process.env['REDIS_URL']
  shared ??= given ? Promise.resolve(given) : startUntilExit()
  return shared
}

async function startUntilExit(): Promise<string> {
  const server = await RedisServer.start({ teardown: () => {} })
  server.unref()
  return server.url
}
