import fp from 'fastify-plugin'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { Type } from 'typebox'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where services register their counters, names starting with `switchhook_`. */
    metrics: Registry
  }
}

/** Each look at the loop is a wake-up: finer than this an idle process would be busy watching itself. */
const loopResolutionMs = 100

const figure = (description: string) => Type.Number({ description })

const ProcessView = Type.Object({
  uptime: figure('Seconds.'),
  memory: Type.Record(Type.String(), Type.Number(), { description: 'Bytes, as Node names them.' }),
  eventLoop: Type.Object({
    utilization: figure('0: idle, 1: never idle.'),
    delayMs: Type.Object({ mean: figure('Milliseconds.'), p99: figure('Milliseconds.') }),
  }),
})

const schema = {
  tags: ['health'],
  operationId: 'getMetrics',
  summary: 'Figures for monitoring',
  description: 'Prometheus text; a short view as JSON to those who accept `application/json`.',
  response: {
    200: {
      description: 'The figures.',
      content: {
        'text/plain': { schema: Type.String() },
        'application/json': { schema: ProcessView },
      },
    },
  },
}

/** `GET /metrics`: Prometheus text, or a short JSON view for `Accept: application/json`. */
async function metrics(
  app: FastifyInstance,
  { service, version }: { service: string; version: string },
): Promise<void> {
  const registry = new Registry()
  collectDefaultMetrics({
    register: registry,
    prefix: 'switchhook_',
    eventLoopMonitoringPrecision: loopResolutionMs,
  })
  new Gauge({
    name: 'switchhook_build_info',
    help: 'Constant 1, labelled with what runs',
    labelNames: ['service', 'version'],
    registers: [registry],
  }).set({ service, version }, 1)
  const loopDelay = monitorEventLoopDelay({ resolution: loopResolutionMs })
  loopDelay.enable()
  app.addHook('onClose', async () => {
    loopDelay.disable()
    registry.clear()
  })
  app.decorate('metrics', registry)
  app.admin.get('/metrics', { schema }, async (request, reply) => {
    if (request.headers.accept?.includes('application/json')) return processView(loopDelay)
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

function processView(loopDelay: ReturnType<typeof monitorEventLoopDelay>) {
  const { utilization } = performance.eventLoopUtilization()
  return {
    uptime: Math.round(process.uptime()),
    memory: process.memoryUsage(),
    eventLoop: {
      utilization,
      // The histogram counts nanoseconds.
      delayMs: { mean: loopDelay.mean / 1e6, p99: loopDelay.percentile(99) / 1e6 },
    },
  }
}

export default fp(metrics, { name: 'metrics', fastify: '5.x', dependencies: ['admin'] })
