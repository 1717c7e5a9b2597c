import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanEnvironment, freePort } from './process.ts'
import type { Lifetime } from './postgres.ts'

const program = '/usr/bin/caddy'

export interface TlsProxy {
  /** `https://localhost:port` */
  readonly url: string
  /** The root that signed its certificate, PEM. */
  readonly ca: string
}

/** Starts a proxy that ends TLS in front of `upstream`, as most deployments have one; it goes with the lifetime. */
export async function startTlsProxy(lifetime: Lifetime, upstream: string): Promise<TlsProxy> {
  if (!existsSync(program)) throw new Error('Caddy is not installed: apt-get install caddy')
  const dir = mkdtempSync(join(tmpdir(), 'switchhook-tls-'))
  const port = await freePort()
  const config = join(dir, 'Caddyfile')
  writeFileSync(
    config,
    `{
      admin off
      skip_install_trust
      auto_https disable_redirects
    }
    https://localhost:${port} {
      tls internal
      reverse_proxy ${new URL(upstream).host}
    }`,
  )
  const child = spawn(program, ['run', '--config', config, '--adapter', 'caddyfile'], {
    cwd: dir,
    env: cleanEnvironment({ XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir }),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  lifetime.teardown(async () => {
    const exited = once(child, 'close')
    child.kill('SIGKILL')
    await exited
    rmSync(dir, { recursive: true, force: true })
  })
  const serving = Promise.withResolvers<void>()
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => {
    output += String(chunk)
    if (output.includes('certificate obtained successfully')) serving.resolve()
  })
  child.once('close', () => serving.reject(new Error(`Caddy ended: ${output}`)))
  await serving.promise
  const root = join(dir, 'caddy/pki/authorities/local/root.crt')
  return { url: `https://localhost:${port}`, ca: readFileSync(root, 'utf8') }
}
