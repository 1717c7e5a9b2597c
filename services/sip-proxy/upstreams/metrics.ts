import { Gauge, type Registry } from 'prom-client'
import type { UpstreamList } from './list.ts'

/** Registers what monitoring has to know of the file. */
export function upstreamMetrics(registry: Registry, list: UpstreamList): void {
  registry.registerMetric(
    new Gauge({
      name: 'switchhook_sip_insecure_upstreams',
      help: 'Upstreams whose certificates are not checked',
      registers: [],
      collect() {
        this.set(list.all.filter(({ trust }) => trust.trust === 'insecure').length)
      },
    }),
  )
  registry.registerMetric(
    new Gauge({
      name: 'switchhook_sip_upstreams_file_usable',
      help: '0 while SIP_UPSTREAMS_FILE is kept out, and the upstreams before stay in effect; 1 without one',
      registers: [],
      collect() {
        this.set(list.usable ? 1 : 0)
      },
    }),
  )
}
