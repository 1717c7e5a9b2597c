import fp from 'fastify-plugin'
import { Alive, Readiness, State } from './answers.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Whether a part works; `needed` parts decide readiness. */
export interface Check {
  readonly needed: boolean
  /** Resolves when the part works, rejects with the reason otherwise. */
  probe(): Promise<void>
}

/** The health of this process as the routes tell it. */
export interface Health {
  readonly draining: boolean
  add(name: string, check: Check): void
  /** A needed part may fail as long as the other one works. */
  standIn(name: string, other: string): void
  /** This process serves without a part that others need. */
  spare(name: string): void
  /** How many sockets of a kind are open, and how many failed since the start. */
  sockets(count: () => Sockets): void
}

interface Sockets {
  readonly connections: number
  readonly errors: number
}

declare module 'fastify' {
  interface FastifyInstance {
    health: Health
  }
}

type Results = Record<string, { status: 'ok' } | { status: 'failed'; reason: string }>

/** A probe that answers no faster than this has failed. */
const probeDeadlineMs = 2_000

/** `/livez` looks at the process only, `/readyz` at what it needs, `/health` tells everything. */
async function health(
  app: FastifyInstance,
  { version, environment }: { version: string; environment: string },
): Promise<void> {
  const checks = new Map<string, Check>()
  const standIns = new Map<string, string>()
  const spared = new Set<string>()
  const kinds: (() => Sockets)[] = []
  let draining = false
  app.decorate('health', {
    get draining() {
      return draining
    },
    add: (name, check) => void checks.set(name, check),
    standIn: (name, other) => void standIns.set(name, other),
    spare: (name) => void spared.add(name),
    sockets: (count) => void kinds.push(count),
  })
  app.addHook('preClose', async () => {
    draining = true
  })

  app.get('/livez', { schema: Alive }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema: Readiness }, async (_request, reply) => {
    const results = await probeAll(checks)
    const ready = !draining && isReady({ checks, standIns, spared }, results)
    return answer(reply, ready, { status: statusOf({ draining, ready, results }), checks: results })
  })
  app.get('/health', { schema: State }, async (_request, reply) => {
    const results = await probeAll(checks)
    const ready = !draining && isReady({ checks, standIns, spared }, results)
    return answer(reply, ready, {
      status: statusOf({ draining, ready, results }),
      version,
      environment,
      uptime: Math.round(process.uptime()),
      checks: results,
      websocket: sumOf(kinds),
    })
  })
}

async function probeAll(checks: ReadonlyMap<string, Check>): Promise<Results> {
  const entries = [...checks].map(async ([name, { probe }]): Promise<[string, Results[string]]> => {
    const reason = await failure(probe)
    return [name, reason === null ? { status: 'ok' } : { status: 'failed', reason }]
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function failure(probe: Check['probe']): Promise<string | null> {
  const deadline = Promise.withResolvers<string>()
  const timer = setTimeout(
    deadline.resolve,
    probeDeadlineMs,
    `no answer within ${probeDeadlineMs} ms`,
  )
  const outcome = probe().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const reason = await Promise.race([outcome, deadline.promise])
  clearTimeout(timer)
  return reason
}

interface Parts {
  readonly checks: ReadonlyMap<string, Check>
  readonly standIns: ReadonlyMap<string, string>
  readonly spared: ReadonlySet<string>
}

function isReady({ checks, standIns, spared }: Parts, results: Results): boolean {
  const works = (name: string | undefined): boolean =>
    name !== undefined && results[name]?.status === 'ok'
  return [...checks].every(
    ([name, { needed }]) => !needed || spared.has(name) || works(name) || works(standIns.get(name)),
  )
}

function sumOf(kinds: readonly (() => Sockets)[]): Sockets {
  const all = kinds.map((count) => count())
  return {
    connections: all.reduce((sum, { connections }) => sum + connections, 0),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
  }
}

function statusOf({
  draining,
  ready,
  results,
}: {
  draining: boolean
  ready: boolean
  results: Results
}) {
  if (draining) return 'draining'
  const whole = Object.values(results).every(({ status }) => status === 'ok')
  return ready && whole ? 'ok' : 'degraded'
}

function answer(reply: FastifyReply, ready: boolean, body: object): FastifyReply {
  return reply.code(ready ? 200 : 503).send(body)
}

export default fp(health, { name: 'health', fastify: '5.x' })
