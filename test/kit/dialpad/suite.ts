import { Type } from 'typebox'
import { Options } from '@switchhook/services/webhook-ingest/connections'
import {
  dialpadConnections,
  type DialpadConnections,
} from '../../../services/webhook-ingest/connections/connections.ts'
import { internalRoutes } from '../../../services/webhook-ingest/connections/internal-routes.ts'
import { publicRoutes } from '../../../services/webhook-ingest/connections/public-routes.ts'
import type { Secrets } from '../../../services/webhook-ingest/connections/set-up.ts'
import { loggerOptions } from '@switchhook/services/log'
import { createServer } from '@switchhook/services/server'
import { loadConfig } from '@switchhook/shared/config'
import { openConnections } from '@switchhook/shared/connections'
import { createSealing } from '@switchhook/shared/sealing'
import { base, registerBase } from '../../../services/base.ts'
import { internalSecret, secretsKey, temporaryDir } from '../build.ts'
import { Browser, type Shown } from './browser.ts'
import { client, DialpadServer } from './server.ts'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'

export const publicUrl = 'https://calls.example.com'

/** The suite with connections, and a Dialpad of its own. */
export interface ConnectableSuite {
  readonly app: FastifyInstance
  readonly url: string
  readonly dataDir: string
  readonly server: DialpadServer
  readonly dialpad: DialpadConnections
  /** A second process over the same store, as far as connections go. */
  readonly other: DialpadConnections
  /** One that was started with another key. */
  readonly stranger: DialpadConnections
  readonly clock: { nowMs: number }
  /** Lines at level debug. */
  readonly logged: string[]
  /** The first app. */
  readonly id: string
  internal(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>
  browser(): Browser
}

interface ConnectableOptions {
  readonly environment?: Record<string, string>
}

/** Starts it; everything of it ends with the test. */
export async function connectable(
  t: Test,
  { environment }: ConnectableOptions = {},
): Promise<ConnectableSuite> {
  const clock = { nowMs: Date.now() }
  const now = (): number => clock.nowMs
  const server = await DialpadServer.start(t, now)
  const dataDir = temporaryDir(t)
  const config = loadConfig(Type.Object({ ...base, connections: Options }), {
    environment: {
      INTERNAL_API_SECRET: internalSecret,
      SECRETS_KEY: secretsKey,
      DATA_DIR: dataDir,
      CLIENT_ID: client.id,
      CLIENT_SECRET: client.secret,
      REDIRECT_URI: client.redirectUri,
      DIALPAD_BASE_URL: `${server.url}/`,
      ...environment,
    },
  })
  const logged: string[] = []
  const write = (line: string): void => void logged.push(line)
  const log = loggerOptions({ level: 'debug', pii: 'masked' }, { write })
  const app = createServer({ log, trustProxy: [] })
  await registerBase(app, { config, service: 'webhook-ingest' })
  const parts = {
    config: config.connections,
    publicUrl: `${publicUrl}/`,
    connections: openConnections<Secrets>(app.store, app.sealing),
    directory: app.directory,
    audit: app.audit,
    log: app.log,
    now,
    saveCredential: (id: string, provider: string, secret: string) =>
      addCredential(app, { id, provider, secret }),
  }
  const dialpad = dialpadConnections(parts)
  await app.internal((scope) => internalRoutes(scope, { dialpad, directory: app.directory }))
  await publicRoutes(app, { dialpad })
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    app,
    url,
    dataDir,
    server,
    dialpad,
    other: dialpadConnections(parts),
    stranger: dialpadConnections({
      ...parts,
      connections: openConnections(app.store, createSealing([Buffer.alloc(32, 9)])),
    }),
    clock,
    logged,
    id: app.directory.firstApp.id,
    internal: (method, path, body) => internal(`${url}/internal/apps${path}`, method, body),
    browser: () => new Browser({ publicUrl, url }),
  }
}

async function addCredential(
  app: FastifyInstance,
  { id, provider, secret }: { id: string; provider: string; secret: string },
): Promise<void> {
  const { credentials = [], settings = {} } = app.credentials.of(id, provider) ?? {}
  if (credentials.includes(secret)) return
  await app.credentials.put(id, provider, { credentials: [...credentials, secret], settings })
}

async function internal(url: string, method: string, body: unknown) {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${internalSecret}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) }
}

/** Gets a link and goes the whole road with a browser. @returns what it is shown at the end */
export async function connect(
  suite: ConnectableSuite,
  { body, decision = 'accept' }: { body?: unknown; decision?: 'accept' | 'refuse' } = {},
): Promise<Shown> {
  const browser = suite.browser()
  const { callback } = await consent(suite, { body, decision, browser })
  return browser.get(callback)
}

/** The same up to where Dialpad sends the browser back to. */
export async function consent(
  suite: ConnectableSuite,
  given: { body?: unknown; decision?: 'accept' | 'refuse'; browser?: Browser } = {},
): Promise<{ browser: Browser; callback: URL; link: string }> {
  const { body, decision = 'accept', browser = suite.browser() } = given
  const answer = await suite.internal('POST', `/${suite.id}/connections/dialpad`, body)
  const { url: link } = answer.body as { url: string }
  const { location } = await browser.get(link)
  const callback = await suite.server.decide(location!, decision)
  return { browser, callback, link }
}

/** The connection as operators see it. */
export async function shown(suite: ConnectableSuite): Promise<Record<string, unknown> | undefined> {
  const { body } = await suite.internal('GET', `/${suite.id}/connections`)
  return (body as { items: Record<string, unknown>[] }).items[0]
}
