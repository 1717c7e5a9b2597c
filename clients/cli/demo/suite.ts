import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Listen, loadConfig, type Environment } from '@switchhook/shared/config'
import { Failure } from '../exit-codes.ts'
import { issueToken } from '../jwt.ts'
import { startService, stopService, type ServiceProcess } from '../service-process.ts'
import { Tail } from '../tail-of-output.ts'
import { ownEnvironment } from './own-environment.ts'
import { claimPort } from './port.ts'
import { ready } from './readiness.ts'

const stopPatienceMs = 20_000

/** A suite of its own: fresh keys, an empty store, nothing of the user's configuration but the address. */
export interface Suite {
  readonly url: URL
  readonly token: string
  /** Rejects with a Failure when the process ends although nobody stopped it. */
  readonly ended: Promise<never>
  /** Stops the process and removes its data. */
  stop(): Promise<void>
}

/**
 * Starts all-in-one with an empty store and waits until it is ready.
 * @throws Failure with the reason, e.g. that PORT is taken
 */
export async function startSuite(
  environment: Environment,
  { settings, signal }: { settings: Environment; signal: AbortSignal },
): Promise<Suite> {
  const { host, port } = loadConfig(Listen, { environment })
  const claimed = await claimPort(host, port)
  const dataDir = mkdtempSync(join(tmpdir(), 'switchhook-demo-'))
  const discard = (): void => rmSync(dataDir, { recursive: true, force: true })
  process.once('exit', discard)
  const address = { HOST: host, PORT: String(claimed) }
  const own = ownEnvironment(environment, { ...settings, ...address, DATA_DIR: dataDir })
  const service = startService('all-in-one', {
    environment: own,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const last = new Tail(service.child.stdout!, service.child.stderr!)
  const stop = async (): Promise<void> => {
    await stopService(service, stopPatienceMs)
    process.off('exit', discard)
    discard()
  }
  const url = new URL(`http://${reachable(host)}:${claimed}`)
  const { token } = issueToken({ email: 'demo@example.com', ttlSeconds: 86_400 }, own)
  const ended = failWhenEnded(service, last)
  const given = new AbortController()
  try {
    await Promise.race([ready({ url, token }, AbortSignal.any([signal, given.signal])), ended])
  } catch (error) {
    given.abort()
    await stop()
    throw error
  }
  return { url, token, ended, stop }
}

/** An address to listen on everywhere is none to connect to. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

async function failWhenEnded({ exited }: ServiceProcess, last: Tail): Promise<never> {
  const code = await exited
  throw new Failure(`The suite ended with exit code ${code}. It said:\n${last.text}`)
}
