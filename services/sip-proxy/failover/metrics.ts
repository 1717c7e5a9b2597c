import { Gauge, type Registry } from 'prom-client'
import type { Upstreams } from '../upstreams/contract.ts'
import type { State, TargetHealth } from './health.ts'

const states: readonly State[] = ['up', 'penalised', 'trial']

interface Watched {
  readonly failover: { readonly targets: readonly TargetHealth[] }
  readonly upstreams: Upstreams
}

/** Registers how many targets of each upstream stand how. */
export function failoverMetrics(registry: Registry, { failover, upstreams }: Watched): void {
  registry.registerMetric(
    new Gauge({
      name: 'switchhook_sip_targets',
      help: 'Targets of an upstream that were asked for lately',
      labelNames: ['upstream', 'state'],
      registers: [],
      collect() {
        this.reset()
        for (const { name: upstream } of upstreams.all) {
          for (const state of states) this.set({ upstream, state }, 0)
        }
        const known = new Set(upstreams.all.map(({ name }) => name))
        for (const { upstream, state } of failover.targets) {
          if (known.has(upstream)) this.inc({ upstream, state })
        }
      },
    }),
  )
}
