import { request as ask } from 'node:http'
import admin from '@switchhook/plugins/admin'
import audit from '@switchhook/plugins/audit'
import auth, { Options as Auth, type Principal } from '@switchhook/plugins/auth'
import directory from '@switchhook/plugins/directory'
import internal from '@switchhook/plugins/internal'
import metrics from '@switchhook/plugins/metrics'
import originCheck, { Options as Origins } from '@switchhook/plugins/origin-check'
import problem from '@switchhook/plugins/problem'
import rateLimit from '@switchhook/plugins/rate-limit'
import store, { Options as Store } from '@switchhook/plugins/store'
import validation from '@switchhook/plugins/validation'
import { loggerOptions } from '@switchhook/services/log'
import { createServer } from '@switchhook/services/server'
import { loadConfig } from '@switchhook/shared/config'
import { revocationRoutes } from '../../services/event-hub/access/revocations.ts'
import { ticketRoutes } from '../../services/event-hub/access/tickets.ts'
import { rest } from '../../services/rest.ts'
import { internalSecret, jwtSecret, temporaryDir } from '../kit/build.ts'
import { watchLog } from '../kit/canary.ts'
import { SignJWT } from 'jose'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'

export const page = 'https://crm.example.com'

/** A server that tells who asks. */
export interface AuthApp {
  readonly app: FastifyInstance
  readonly url: string
  /** Of the first app. */
  readonly appId: string
  readonly lines: readonly string[]
}

interface Options {
  readonly environment?: Record<string, string>
  /** Further texts that no line of the log may show. */
  readonly secrets?: readonly string[]
}

/** Starts a server with everything that credentials need, on a free port, with its own store; it ends with the test. */
export async function authApp(t: Test, options: Options = {}): Promise<AuthApp> {
  const environment = {
    DATA_DIR: temporaryDir(t),
    ALLOWED_ORIGINS: `${page} https://other.example.com`,
    JWT_SECRET: jwtSecret,
    ...options.environment,
  }
  const lines: string[] = []
  const watch = watchLog(t, [jwtSecret, internalSecret, ...(options.secrets ?? [])])
  const write = (line: string): void => {
    watch(line)
    if (/t[1n]_[\w-]{43}/.test(line)) t.fail('the log shows a ticket')
    lines.push(line)
  }
  const log = loggerOptions({ level: 'trace', pii: 'masked' }, { write })
  const app = createServer({ log, trustProxy: [] })
  const publicUrl = 'https://calls.example.com'
  await app.register(problem).register(validation)
  await app.register(admin, { host: '127.0.0.1' })
  await app.register(rateLimit, { calls: 1_000, internal: 1_000 })
  await app.register(internal, { secrets: [internalSecret] })
  await app.register(metrics, { service: 'test', version: '0' })
  await app.register(store, loadConfig(Store, { environment }))
  await app.register(directory)
  await app.register(audit)
  await app.register(originCheck, { ...loadConfig(Origins, { environment }), publicUrl, port: 0 })
  await app.register(auth, { ...loadConfig(Auth, { environment }), publicUrl })
  await rest(app, ticketRoutes)
  await app.internal((scope) => revocationRoutes(scope, app))
  app.get('/whoami', async (request): Promise<Principal> => app.authenticate(request))
  app.get('/failing', async (request) => {
    await app.authenticate(request)
    request.log.trace({ req: request, headers: Object.keys(request.headers) }, 'about to fail')
    throw new Error('it failed')
  })
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url, appId: app.directory.firstApp.id, lines }
}

interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: never
}

/** Calls a server with exactly these headers. */
export function call(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body }: Call = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const json = text === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const request = ask(new URL(path, url), { method, headers: { ...json, ...headers } })
    request.setTimeout(30_000, () => request.destroy(new Error('no answer within 30 s')))
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString()
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: (answer === '' ? null : JSON.parse(answer)) as never })
      })
    })
    request.end(text)
  })
}

/** Signs exactly these claims; besides them `sub` is `u1` and the token lives for an hour. */
export function signClaims(claims: Record<string, unknown>): Promise<string> {
  const exp = Math.floor(Date.now() / 1_000) + 3_600
  return new SignJWT({ sub: 'u1', exp, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(jwtSecret))
}

export const bearer = (text: string): Record<string, string> => ({
  authorization: `Bearer ${text}`,
})
