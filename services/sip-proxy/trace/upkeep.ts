import type { SipTraces } from '@switchhook/shared/sip-traces'
import type { FastifyInstance } from 'fastify'
import type { Recorder } from './recorder.ts'

interface Parts {
  readonly traces: Pick<SipTraces, 'refresh' | 'purge'>
  readonly recorder: Pick<Recorder, 'flush'>
  /** Chooses by what is known now. */
  readonly update: () => void
  readonly log: FastifyInstance['log']
}

/** What another process changed is known here within a second, and a trace ends as exactly. */
const refreshMs = 500
/** What was written down goes an hour after its trace ended. */
const keptMs = 3_600_000
const purgeMs = 60_000
/** Traces of one transaction: what is left goes with the next look. */
const perPurge = 20

/** Looks after the traces again and again. @returns what ends that, after what is under way */
export function upkeep({ traces, recorder, update, log }: Parts): () => Promise<void> {
  let looking: Promise<void> | null = null
  let purgedAt = -Infinity
  let isFailing = false
  const look = async (): Promise<void> => {
    try {
      await traces.refresh()
      if (performance.now() - purgedAt > purgeMs) {
        purgedAt = performance.now()
        await traces.purge(new Date(Date.now() - keptMs).toISOString(), perPurge)
      }
      isFailing = false
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, 'SIP traces not refreshed')
      isFailing = true
    }
    // Also while the store is away: a trace ends by the clock.
    update()
    await recorder.flush()
  }
  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = null))
  }, refreshMs)
  return async () => {
    clearInterval(timer)
    await looking
  }
}
