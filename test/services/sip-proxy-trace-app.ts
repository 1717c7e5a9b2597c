import { Type } from 'typebox'
import { loadConfig } from '@switchhook/shared/config'
import { loggerOptions } from '@switchhook/services/log'
import { createServer } from '@switchhook/services/server'
import { access, base, registerAccess, registerBase } from '../../services/base.ts'
import { rest } from '../../services/rest.ts'
import { openTrace, traceRoutes, type SipTrace } from '../../services/sip-proxy/trace/index.ts'
import { internalSecret, jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { watchLog } from '../kit/canary.ts'
import { signToken } from '../kit/token.ts'
import { until } from '../kit/until.ts'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Watch } from '../../services/sip-proxy/relay/contract.ts'

export const path = '/api/sip-trace'

export interface TraceApp {
  readonly app: FastifyInstance
  readonly trace: SipTrace
  readonly appId: string
  /** Of a supervisor. */
  readonly token: string
  /** Asks as a supervisor, if not told otherwise. */
  ask(method: string, path: string, given?: { body?: unknown; token?: string }): Promise<Answer>
}

/** A connection of the first app. */
export function connectionOf({ trace, appId: app }: Pick<TraceApp, 'trace' | 'appId'>): Watch {
  return trace.watch({ upstream: 'phantom', app, address: '192.0.2.7', userAgent: '' })
}

/** Begins a trace. */
export function start({ ask }: TraceApp, aor = 'sip:1001@example.com'): Promise<Answer> {
  return ask('POST', path, { body: { aor } })
}

/** What was written down of a call. */
export interface Ladder {
  readonly messages: readonly { readonly startLine: string; readonly message: string }[]
  readonly complete: boolean
  readonly missing: string | null
}

/** The same, when there are so many messages of it. */
export async function ladderOf({ ask }: TraceApp, call = 'call-1', messages = 1): Promise<Ladder> {
  let found: Ladder | null = null
  await until(async () => {
    const { status, body } = await ask('GET', `${path}?call=${encodeURIComponent(call)}`)
    found = status === 200 ? (body as Ladder) : null
    return (found?.messages.length ?? 0) >= messages
  })
  return found!
}

export interface Answer {
  readonly status: number
  readonly body: never
}

/** A process with nothing but the trace and its routes, with its own store; it ends with the test. */
export async function traceApp(
  t: Test,
  { hepUrl, environment = {} }: { hepUrl?: string; environment?: Record<string, string> } = {},
): Promise<TraceApp> {
  const config = loadConfig(Type.Object({ ...base, ...access }), {
    environment: {
      JWT_SECRET: jwtSecret,
      INTERNAL_API_SECRET: internalSecret,
      SECRETS_KEY: secretsKey,
      DATA_DIR: temporaryDir(t),
      RATE_LIMIT_CALLS: '100000',
      ...environment,
    },
  })
  const watch = watchLog(t, [jwtSecret, internalSecret, secretsKey])
  const log = loggerOptions({ level: 'debug', pii: 'masked' }, { write: watch })
  const app = createServer({ log, trustProxy: [] })
  await registerBase(app, { config, service: 'sip-proxy' })
  await registerAccess(app, { config, publicUrl: 'http://127.0.0.1:3000' })
  const trace = await openTrace(app, { hepUrl })
  await rest(app, (scope) => traceRoutes(scope, { app, trace }))
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const token = await signToken(jwtSecret, { role: 'supervisor' })
  return {
    app,
    trace,
    appId: app.directory.firstApp.id,
    token,
    async ask(method, path, given = {}) {
      const response = await fetch(new URL(path, url), {
        method,
        headers: {
          authorization: `Bearer ${given.token ?? token}`,
          ...(given.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(given.body !== undefined && { body: JSON.stringify(given.body) }),
        signal: AbortSignal.timeout(30_000),
      })
      const text = await response.text()
      return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as never }
    },
  }
}

/** What a message says. */
export interface Sip {
  readonly call?: string
  readonly from?: string
  readonly to?: string
  readonly tag?: string
  readonly cseq?: string
  readonly rows?: readonly string[]
  /** What the request is sent to, for whoever writes its first line. */
  readonly target?: string
}

/** A message with what a trace looks at. */
export function sip(startLine: string, given: Sip = {}): Buffer {
  const { call = 'call-1', from = 'sip:1001@example.com', to = 'sip:1002@example.com' } = given
  const { tag, cseq = '1 INVITE', rows = [] } = given
  const all = [
    startLine,
    'Via: SIP/2.0/WSS x.invalid;branch=z9hG4bK1',
    `From: <${from}>;tag=a`,
    `To: <${to}>${tag === undefined ? '' : `;tag=${tag}`}`,
    `Call-ID: ${call}`,
    `CSeq: ${cseq}`,
    ...rows,
  ]
  return Buffer.from(`${all.join('\r\n')}\r\n\r\n`)
}
