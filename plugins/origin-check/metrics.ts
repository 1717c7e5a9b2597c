import { Counter, Gauge, type Registry } from 'prom-client'
import { endOf } from './entry.ts'
import type { Allowed } from './read.ts'
import type { Reason } from './judge.ts'

/** What is counted; no origin is a label, for anybody can invent them. */
export interface OriginMetrics {
  refused(reason: Reason): void
  deprecated(): void
}

interface Watched {
  readonly allowed: () => readonly Allowed[]
  /** Whether the file could be used when it was last read; absent without a file. */
  readonly fileUsable: (() => boolean) | undefined
  readonly now: () => number
}

const dayMs = 86_400_000

/** Registers the metrics of origins. */
export function originMetrics(registry: Registry, watched: Watched): OriginMetrics {
  const registers = [registry]
  const refusals = new Counter({
    name: 'switchhook_origin_refusals_total',
    help: 'Requests and handshakes of refused origins',
    labelNames: ['reason'],
    registers,
  })
  const uses = new Counter({
    name: 'switchhook_origin_deprecated_uses_total',
    help: 'Requests and handshakes of origins that have a last day',
    registers,
  })
  registry.registerMetric(daysLeftGauge(watched))
  if (watched.fileUsable) registry.registerMetric(fileGauge(watched.fileUsable))
  return { refused: (reason) => refusals.inc({ reason }), deprecated: () => uses.inc() }
}

function daysLeftGauge({ allowed, now }: Watched): Gauge {
  return new Gauge({
    name: 'switchhook_origin_days_left',
    help: 'Whole days until the next origin ends; absent if none will',
    registers: [],
    collect() {
      const days = daysLeft(allowed(), now())
      if (days === null) this.remove()
      else this.set(days)
    },
  })
}

function fileGauge(usable: () => boolean): Gauge {
  return new Gauge({
    name: 'switchhook_origin_file_usable',
    help: '0 while ORIGINS_FILE has mistakes and the list before them stays in effect',
    registers: [],
    collect() {
      this.set(usable() ? 1 : 0)
    },
  })
}

function daysLeft(allowed: readonly Allowed[], now: number): number | null {
  const ends = allowed.map(endOf).filter((end) => end > now)
  const next = ends.reduce((one, other) => Math.min(one, other), Infinity)
  return next === Infinity ? null : Math.floor((next - now) / dayMs)
}
