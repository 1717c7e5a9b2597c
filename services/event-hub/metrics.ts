import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { LiveEvent } from './feed/index.ts'

/** What the hub counts. */
export interface HubMetrics {
  opened(): void
  closed(code: number): void
  refused(code: string): void
  failed(): void
  /** A client was brought in step with its view, and how. */
  joined(outcome: string): void
  /** A client read too slowly to be given more. */
  fellBehind(): void
  /** An event went out live. */
  sent(event: LiveEvent): void
  /** The frames of a view were written to so many sockets. */
  wrote(members: number): void
  sockets(): { connections: number; errors: number }
  /** Shows what the hub knows itself. */
  watch(hub: Watched): void
}

/** What is asked when the metrics are. */
interface Watched {
  readonly waiting: number
  lag(): Promise<number>
}

/** Registers the hub's metrics; labels are bounded: close codes and codes of the error table. */
export function hubMetrics(registry: Registry): HubMetrics {
  const registers = [registry]
  let connections = 0
  let errors = 0
  const counter = (name: string, help: string, label?: string) =>
    new Counter({
      name: `switchhook_hub_${name}`,
      help,
      ...(label && { labelNames: [label] }),
      registers,
    })
  const sockets = new Gauge({ name: 'switchhook_hub_sockets', help: 'Open sockets', registers })
  const closes = counter('closes_total', 'Closed sockets by close code', 'close_code')
  const refusals = counter(
    'refusals_total',
    'Refused connections by the code of the refusal',
    'code',
  )
  const joins = counter('joins_total', 'Clients brought in step with their view', 'outcome')
  const gaps = counter('gaps_total', 'Clients that read too slowly and were given a gap')
  const events = counter('events_total', 'Events that went out live')
  const writes = counter('writes_total', 'Writes to sockets, of one or many frames each')
  const age = new Histogram({
    name: 'switchhook_hub_event_age_seconds',
    help: 'From the receipt of a delivery to its frames being written',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
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
    joined: (outcome) => joins.inc({ outcome }),
    fellBehind: () => gaps.inc(),
    sent({ data }) {
      events.inc()
      const receivedAt = receiptOf(data.raw_ref)
      if (receivedAt !== null) age.observe(Math.max(0, Date.now() - receivedAt) / 1_000)
    },
    wrote: (members) => writes.inc(members),
    sockets: () => ({ connections, errors }),
    watch(hub) {
      collect(registry, {
        name: 'switchhook_hub_queue_bytes',
        help: 'Bytes that clients have not taken yet',
        read: () => hub.waiting,
      })
      collect(registry, {
        name: 'switchhook_hub_lag_events',
        help: 'Events that the journal has and clients have not',
        read: () => hub.lag(),
      })
    },
  }
}

interface Reading {
  readonly name: string
  readonly help: string
  read(): number | Promise<number>
}

function collect(registry: Registry, { name, help, read }: Reading): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect: async () => gauge.set(await read()),
  })
}

const deliveryId = /^([0-9a-f]{8})-([0-9a-f]{4})-7/

/** The id of a delivery is a UUID of version 7: it tells when it was made (RFC 9562 §5.7). Unix milliseconds. */
function receiptOf(id: string): number | null {
  const match = deliveryId.exec(id)
  return match ? Number.parseInt(match[1]! + match[2]!, 16) : null
}
