import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Code } from '@switchhook/shared/errors'

/** What became of a handshake: `gone` is a client that did not wait for the answer. */
export type Outcome = 'ok' | 'gone' | Code

/** What the proxy counts. */
export interface SipMetrics {
  /** A handshake was answered, or given up. */
  handshake(outcome: Outcome): void
  /** An upstream was dialled, all its targets together, and answered or not. */
  dialled(upstream: string, seconds: number): void
  /** A browser's socket to an upstream is open, or was. */
  sockets(upstream: string, by: 1 | -1): void
  /** The same of a connection to the upstream: one that outlives its browser shows as a difference. */
  connections(upstream: string, by: 1 | -1): void
  /** A connection is over, ended by this side. */
  closed(side: string, code: number): void
  /** Shows how much SIP has passed. */
  watch(relay: { readonly messages: Readonly<Record<string, number>> }): void
  /** Sockets of clients that are open, and those that failed through a fault of ours or of a PBX. */
  health(): { connections: number; errors: number }
}

/** Registers the proxy's metrics; labels are bounded: names of upstreams, close codes, codes of the error table. */
export function sipMetrics(registry: Registry): SipMetrics {
  const registers = [registry]
  let open = 0
  let errors = 0
  const sockets = new Gauge({
    name: 'switchhook_sip_sockets',
    help: 'Open SIP sockets of clients',
    labelNames: ['upstream'],
    registers,
  })
  const connections = new Gauge({
    name: 'switchhook_sip_upstream_connections',
    help: 'Open connections to PBXs',
    labelNames: ['upstream'],
    registers,
  })
  const handshakes = new Counter({
    name: 'switchhook_sip_handshakes_total',
    help: 'Handshakes by what became of them: ok, gone, or the code of the refusal',
    labelNames: ['outcome'],
    registers,
  })
  const dials = new Histogram({
    name: 'switchhook_sip_dial_seconds',
    help: 'From the first look for a PBX to its answer, or to giving up',
    labelNames: ['upstream'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const closes = new Counter({
    name: 'switchhook_sip_closes_total',
    help: 'Connections that are over, by who ended them and the close code',
    labelNames: ['side', 'close_code'],
    registers,
  })
  return {
    handshake(outcome) {
      handshakes.inc({ outcome })
      if (outcome === 'internal') errors += 1
    },
    dialled: (upstream, seconds) => dials.observe({ upstream }, seconds),
    sockets(upstream, by) {
      sockets.inc({ upstream }, by)
      open += by
    },
    connections: (upstream, by) => connections.inc({ upstream }, by),
    closed(side, code) {
      // A peer may send any number; those of the proxy are few.
      const isKnown = side === 'proxy' || (code >= 1000 && code < 1016)
      closes.inc({ side, close_code: isKnown ? code : 'other' })
      if (code === 1011) errors += 1
    },
    health: () => ({ connections: open, errors }),
    watch: (relay) => countMessages(registry, relay),
  }
}

type Relay = Parameters<SipMetrics['watch']>[0]

function countMessages(registry: Registry, relay: Relay): void {
  registry.registerMetric(
    new Counter({
      name: 'switchhook_sip_messages_total',
      help: 'WebSocket messages that passed, by whose they were',
      labelNames: ['side'],
      registers: [],
      // Counted where they pass, and told when somebody asks.
      collect() {
        this.reset()
        for (const [side, count] of Object.entries(relay.messages)) this.inc({ side }, count)
      },
    }),
  )
}
