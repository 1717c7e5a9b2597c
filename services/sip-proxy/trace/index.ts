import { openSipTraces, type SipTraces } from '@switchhook/shared/sip-traces'
import { Choice } from './choice.ts'
import { Collector, type Outcome } from './collector.ts'
import { ConnectionTrace } from './connection.ts'
import { traceMetrics } from './metrics.ts'
import { Recorder } from './recorder.ts'
import { Share } from '../share.ts'
import { upkeep } from './upkeep.ts'
import type { FastifyInstance } from 'fastify'
import type { Peer } from '../peer.ts'
import type { Watch } from '../relay/contract.ts'

export { traceRoutes } from './routes.ts'

interface TraceOptions {
  /** Where traced messages are shown besides, `udp:homer.internal:9060`. */
  readonly hepUrl?: string | undefined
}

/** What is written down of what passes, while somebody wants it. */
export interface SipTrace {
  readonly traces: SipTraces
  /** While nobody is traced, all that it costs is one test a message. */
  watch(peer: Peer): Watch
  /** Chooses by what this process has just changed. */
  update(): void
}

/** Opens the trace of an app's connections; it ends with the app. */
export async function openTrace(
  app: FastifyInstance,
  { hepUrl }: TraceOptions = {},
): Promise<SipTrace> {
  const { store, sealing, log, metrics } = app
  const traces = await openSipTraces(store, { sealing })
  const count = traceMetrics(metrics)
  let isFailing = false
  const recorder = new Recorder({
    traces,
    onWritten(written) {
      isFailing = false
      count.written(written)
    },
    onLost(lost, error) {
      count.lost(lost)
      // Without an error there were too many: a line for each would make it worse, and so while the store is away.
      if (!error || isFailing) return
      isFailing = true
      log.warn({ err: error, lost }, 'traced messages not written')
    },
  })
  const collector =
    hepUrl === undefined ? null : collectorAt(hepUrl, { log, onOutcome: count.shown })
  await collector?.open()
  const choices = new Map<string, Choice>()
  const choiceOf = (id: string): Choice => {
    const choice = choices.get(id) ?? new Choice()
    choices.set(id, choice)
    return choice
  }
  const update = (): void => {
    const active = Map.groupBy(traces.active(), (trace) => trace.app)
    for (const id of active.keys()) choiceOf(id)
    for (const [id, choice] of choices) choice.update(active.get(id) ?? [])
  }
  update()
  const stop = upkeep({ traces, recorder, update, log })
  app.addHook('onClose', async () => {
    await stop()
    await recorder.flush()
    await collector?.close()
  })
  const onError = (error: unknown): void => log.warn({ err: error }, 'a message was not traced')
  const parts = { recorder, collector, share: new Share(), onError }
  return {
    traces,
    update,
    watch: (peer) => new ConnectionTrace(peer, choiceOf(peer.app), parts),
  }
}

interface CollectorParts {
  readonly log: FastifyInstance['log']
  readonly onOutcome: (outcome: Outcome) => void
}

function collectorAt(url: string, { log, onOutcome }: CollectorParts): Collector {
  const onFailure = (error: Error): void => log.warn({ err: error, url }, 'collector not reached')
  return new Collector({ url, onOutcome, onFailure })
}
