import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanEnvironment, root } from '../process.ts'
import type { Lifetime } from '../postgres.ts'

const program = '/usr/bin/caddy'

interface CaddyOptions {
  /** SITE and TRUST, as docker-compose.yml sets them. */
  readonly environment: Readonly<Record<string, string>>
  /** Where to find what the Caddyfile names. */
  readonly upstreams: Readonly<Record<string, string>>
}

export interface Caddy {
  /** What it logged so far. */
  output(): string
  /** Ends it as Docker does; resolves with the exit code. */
  stop(): Promise<number | NodeJS.Signals>
}

/** Starts the front proxy with deploy/Caddyfile; resolves when it serves, and goes with the lifetime. */
export async function startCaddy(
  lifetime: Lifetime,
  { environment, upstreams }: CaddyOptions,
): Promise<Caddy> {
  if (!existsSync(program)) throw new Error('Caddy is not installed: apt-get install caddy')
  const dir = mkdtempSync(join(tmpdir(), 'switchhook-caddy-'))
  let text = readFileSync(join(root, 'deploy/Caddyfile'), 'utf8')
  for (const [name, address] of Object.entries(upstreams)) {
    if (!text.includes(name)) throw new Error(`the Caddyfile does not name ${name}`)
    text = text.replaceAll(name, address)
  }
  const config = join(dir, 'Caddyfile')
  writeFileSync(config, text)
  const child = spawn(program, ['run', '--config', config, '--adapter', 'caddyfile'], {
    cwd: dir,
    env: cleanEnvironment({ ...environment, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir }),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal!))
  })
  lifetime.teardown(async () => {
    child.kill('SIGKILL')
    await exited
    rmSync(dir, { recursive: true, force: true })
  })
  const serving = Promise.withResolvers<void>()
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => {
    output += String(chunk)
    if (output.includes('serving initial configuration')) serving.resolve()
  })
  void exited.then(() => serving.reject(new Error(`Caddy ended: ${output}`)))
  await serving.promise
  const stop = (): Promise<number | NodeJS.Signals> => {
    child.kill('SIGTERM')
    return exited
  }
  return { output: () => output, stop }
}
