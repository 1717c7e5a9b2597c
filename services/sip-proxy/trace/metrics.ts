import { Counter, type Registry } from 'prom-client'
import type { Outcome } from './collector.ts'

/** What the trace counts. */
export interface TraceMetrics {
  written(count: number): void
  /** It was to be written and was not. */
  lost(count: number): void
  /** To a collector. */
  shown(outcome: Outcome): void
}

/** Registers the metrics of the trace. */
export function traceMetrics(registry: Registry): TraceMetrics {
  const registers = [registry]
  const messages = new Counter({
    name: 'switchhook_sip_trace_messages_total',
    help: 'Traced messages: written, or lost on their way to the store',
    labelNames: ['outcome'],
    registers,
  })
  const packets = new Counter({
    name: 'switchhook_sip_hep_packets_total',
    help: 'Traced messages for the HEP collector: sent, failed, too_large for a datagram',
    labelNames: ['outcome'],
    registers,
  })
  return {
    written: (count) => messages.inc({ outcome: 'written' }, count),
    lost: (count) => messages.inc({ outcome: 'lost' }, count),
    shown: (outcome) => packets.inc({ outcome }),
  }
}
