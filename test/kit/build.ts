import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@switchhook/shared/config'
import { allInOne, Config } from '@switchhook/services/all-in-one'
import { loggerOptions } from '@switchhook/services/log'
import { createServer } from '@switchhook/services/server'
import { watchLog } from './canary.ts'
import { signToken } from './token.ts'
import { telnyxKeys } from './sender.ts'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Test } from 'tap'

export const jwtSecret = 'a test secret of more than thirty-two characters'
export const internalSecret = 'an internal secret of thirty-two characters'
export const secretsKey = Buffer.alloc(32, 7).toString('base64')

export interface Suite {
  readonly app: FastifyInstance
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly dataDir: string
  readonly token: string
}

interface BuildOptions {
  readonly environment?: Record<string, string>
  readonly now?: () => number
  readonly dataDir?: string
  /** Log lines go here, at level debug; they are watched in any case. */
  readonly log?: (line: string) => void
  /** Is told of every route. */
  readonly onRoute?: (route: RouteOptions) => void
}

/** A directory that goes when the test goes, even if a process that was just killed still writes there. */
export function temporaryDir(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'switchhook-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }))
  return dir
}

/** Starts the whole suite in this process on a free port, with its own store, and stops it with the test. */
export async function build(t: Test, options: BuildOptions = {}): Promise<Suite> {
  const dataDir = options.dataDir ?? temporaryDir(t)
  const config = loadConfig(Config, {
    environment: {
      JWT_SECRET: jwtSecret,
      INTERNAL_API_SECRET: internalSecret,
      SECRETS_KEY: secretsKey,
      DATA_DIR: dataDir,
      // Its first segment is written whole at every start.
      SPOOL_LIMIT: '4194304',
      TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
      // Tests ask as often as they like, but for those of the limits.
      RATE_LIMIT_CALLS: '100000',
      RATE_LIMIT_INTERNAL: '100000',
      ...options.environment,
    },
  })
  const watch = watchLog(t, [jwtSecret, internalSecret, secretsKey, telnyxKeys.privateKey])
  const write = (line: string): void => {
    watch(line)
    options.log?.(line)
  }
  const app = createServer({
    log: loggerOptions({ level: 'debug', pii: 'masked' }, { write }),
    trustProxy: config.http.trustProxy,
  })
  if (options.onRoute) app.addHook('onRoute', options.onRoute)
  const publicUrl = config.http.publicUrl ?? 'http://127.0.0.1:3000'
  await allInOne(app, { config, publicUrl, ...(options.now && { now: options.now }) })
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url, dataDir, token: await signToken(jwtSecret) }
}
