import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAuthority } from '../certificates/index.ts'
import { freePort } from '../process.ts'
import { until } from '../until.ts'
import { kamailioConfig } from './kamailio-config.ts'
import type { Lifetime } from '../postgres.ts'

const program = '/usr/sbin/kamailio'
const [modules = ''] = globSync('/usr/lib/*/kamailio/modules')

/** Why tests with a registrar are left out here; false where they run. */
export const withoutKamailio: string | false =
  globSync([program, `${modules}/{websocket,tls}.so`]).length < 3 &&
  'apt-get install kamailio kamailio-websocket-modules kamailio-tls-modules'

interface Contact {
  readonly Contact: { readonly Address: string; readonly Expires: number }
}

interface Dump {
  readonly Domains: readonly {
    readonly Domain: {
      readonly AoRs: readonly {
        readonly Info: { readonly AoR: string; readonly Contacts: readonly Contact[] }
      }[]
    }
  }[]
}

interface Place {
  readonly port: number
  readonly tlsPort: number
  readonly ca: string
}

/** A private Kamailio on free ports of the loopback, for digits as users. */
export class Kamailio {
  /** `ws://127.0.0.1:port/ws` */
  readonly ws: string
  /** `wss://localhost:port/ws` */
  readonly wss: string
  /** The root of its certificate, PEM; it sends the intermediate along. */
  readonly ca: string
  readonly #dir: string
  readonly #rpc: string
  #server!: ChildProcess

  private constructor(dir: string, { port, tlsPort, ca }: Place) {
    this.#dir = dir
    this.ca = ca
    this.ws = `ws://127.0.0.1:${port}/ws`
    this.wss = `wss://localhost:${tlsPort}/ws`
    this.#rpc = `http://127.0.0.1:${port}/rpc`
  }

  static async start(lifetime: Lifetime): Promise<Kamailio> {
    const dir = mkdtempSync(join(tmpdir(), 'switchhook-kamailio-'))
    const [port, tlsPort] = [await freePort(), await freePort()]
    const { root, issue } = await makeAuthority()
    const { key, chain } = await issue()
    writeFileSync(join(dir, 'key.pem'), key, { mode: 0o600 })
    writeFileSync(join(dir, 'chain.pem'), chain.join(''))
    writeFileSync(join(dir, 'kamailio.cfg'), kamailioConfig({ dir, modules, port, tlsPort }))
    const kamailio = new Kamailio(dir, { port, tlsPort, ca: root })
    lifetime.teardown(async () => {
      await kamailio.kill()
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    })
    await kamailio.restart()
    return kamailio
  }

  /** Starts it, with no contact, after it was killed; resolves when it serves. */
  async restart(): Promise<void> {
    const flags = ['-f', 'kamailio.cfg', '-Y', this.#dir, '-m', '512', '-M', '8', '-DD', '-E']
    // It ends when its parent is gone, even by SIGKILL; its group is its own, to be killed as a whole.
    const server = spawn('setpriv', ['--pdeathsig=TERM', program, ...flags], {
      cwd: this.#dir,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    })
    this.#server = server
    let log = ''
    server.stderr.on('data', (chunk: Buffer) => (log = (log + String(chunk)).slice(-10_000)))
    await until(async () => {
      if (server.exitCode !== null) throw new Error(`Kamailio ended: ${log}`)
      return this.rpc('core.uptime').then(
        () => true,
        () => false,
      )
    })
  }

  /** kill -9 of all its processes. */
  async kill(): Promise<void> {
    const server = this.#server
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    process.kill(-server.pid!, 'SIGKILL')
    await exited
  }

  /** SIGSTOP of all its processes: its connections stay, and nothing is answered. */
  freeze(): void {
    process.kill(-this.#server.pid!, 'SIGSTOP')
  }

  thaw(): void {
    process.kill(-this.#server.pid!, 'SIGCONT')
  }

  /** Calls one of its commands. @throws with what it says if it cannot */
  async rpc<Result>(method: string, params: readonly unknown[] = []): Promise<Result> {
    const response = await fetch(this.#rpc, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(30_000),
    })
    const { result, error } = (await response.json()) as { result: Result; error?: unknown }
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`)
    return result
  }

  /** The contacts of every user, by user. */
  async contacts(): Promise<Map<string, string[]>> {
    const { Domains: domains } = await this.rpc<Dump>('ul.dump')
    const aors = domains.flatMap(({ Domain: { AoRs } }) => AoRs.map(({ Info }) => Info))
    return new Map(
      aors.map(({ AoR, Contacts }) => [AoR, Contacts.map(({ Contact }) => Contact.Address)]),
    )
  }

  /** How many connections it holds. */
  async connections(): Promise<number> {
    return (await this.rpc<{ opened_connections: number }>('core.tcp_info')).opened_connections
  }
}
