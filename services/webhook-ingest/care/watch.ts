import { Gauge } from 'prom-client'
import type { FastifyInstance } from 'fastify'
import type { Configured, Endpoint } from '../endpoints.ts'
import type { Proof } from '../verify.ts'

interface Options {
  /** A provider that says nothing for longer is worth a look; 0: none ever is. */
  readonly silenceMs: number
  /** By provider; of those with credentials something is expected from the start. */
  readonly environment: Readonly<Record<string, Configured>>
  readonly now: () => number
}

/** Told about every proven delivery. */
export type Watch = (endpoint: Endpoint, proof: Proof, nowMs: number) => void

/** Further than this from what providers sign, our clock is wrong, and refuses what is 300 s away. */
const mostSkewSeconds = 60
/** A retry may bring an old signature, so of so many the nearest is believed. */
const samples = 10

/** Watches what the log would not tell: a provider that fell silent, a clock that goes wrong. Both show in `/health`. */
export function watch(app: FastifyInstance, { silenceMs, environment, now }: Options): Watch {
  const startedMs = now()
  const expected = Object.entries(environment).filter(
    ([, { credentials }]) => credentials.length > 0,
  )
  const lastMs = new Map(expected.map(([provider]) => [provider, startedMs]))
  const skews: number[] = []
  const registers = [app.metrics]
  const last = new Gauge({
    name: 'switchhook_ingest_last_delivery_timestamp_seconds',
    help: 'When a provider last delivered something authentic',
    labelNames: ['provider'],
    registers,
  })
  const skew = new Gauge({
    name: 'switchhook_ingest_clock_skew_seconds',
    help: 'Our clock less that of the providers, by the nearest of the last 10 signed timestamps',
    registers,
  })
  app.health.add('clock', {
    needed: false,
    probe: async () => {
      const seconds = nearest(skews)
      if (Math.abs(seconds) <= mostSkewSeconds) return
      const direction = seconds > 0 ? 'ahead of' : 'behind'
      throw new Error(`this clock is ${Math.abs(seconds)} s ${direction} what providers sign`)
    },
  })
  app.health.add('providers', {
    needed: false,
    probe: async () => {
      const silent = silenceMs === 0 ? [] : [...lastMs].filter(([, at]) => now() - at > silenceMs)
      if (silent.length === 0) return
      const words = silent.map(([name, at]) => `${name} since ${new Date(at).toISOString()}`)
      throw new Error(`silent: ${words.join(', ')}`)
    },
  })
  return ({ provider: { name } }, { proven: { signedAt } }, nowMs) => {
    lastMs.set(name, nowMs)
    last.set({ provider: name }, Math.floor(nowMs / 1000))
    if (signedAt === null) return
    skews.push(Math.floor(nowMs / 1000) - signedAt)
    if (skews.length > samples) skews.shift()
    skew.set(nearest(skews))
  }
}

function nearest(skews: readonly number[]): number {
  return skews.reduce((best, one) => (Math.abs(one) < Math.abs(best) ? one : best), skews[0] ?? 0)
}
