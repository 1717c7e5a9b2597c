import { Counter, Gauge, type Registry } from 'prom-client'

/** What the hub counts. */
export interface HubMetrics {
  opened(): void
  closed(code: number): void
  refused(code: string): void
  failed(): void
  sockets(): { connections: number; errors: number }
}

/** Registers the hub's metrics; labels are bounded: close codes and codes of the error table. */
export function hubMetrics(registry: Registry): HubMetrics {
  const registers = [registry]
  let connections = 0
  let errors = 0
  const sockets = new Gauge({ name: 'switchhook_hub_sockets', help: 'Open sockets', registers })
  const closes = new Counter({
    name: 'switchhook_hub_closes_total',
    help: 'Closed sockets by close code',
    labelNames: ['close_code'],
    registers,
  })
  const refusals = new Counter({
    name: 'switchhook_hub_refusals_total',
    help: 'Refused connections by the code of the refusal',
    labelNames: ['code'],
    registers,
  })
  return {
    opened: () => sockets.set((connections += 1)),
    closed(code) {
      sockets.set((connections -= 1))
      // A peer may send any number of 3000–4999.
      closes.inc({ close_code: code >= 3000 && !(code >= 4400 && code <= 4500) ? 'other' : code })
    },
    refused: (code) => refusals.inc({ code }),
    failed: () => void (errors += 1),
    sockets: () => ({ connections, errors }),
  }
}
