import { Counter } from 'prom-client'
import { publish } from '../publish.ts'
import { repeatedly } from './repeatedly.ts'
import type { FastifyInstance } from 'fastify'

interface Options {
  /** Without an event for so long a call is over, whatever its provider forgot to say. */
  readonly maxAgeMs: number
  readonly now: () => number
}

const everyMs = 60_000
/** Calls that are ended at a time; the rest waits for the next look. */
const perLook = 200
const maxLooks = 50

/** Ends calls whose end never came: each with an event of its own, so that everybody hears of it. */
export function endStaleCalls(app: FastifyInstance, { maxAgeMs, now }: Options): void {
  const ended = new Counter({
    name: 'switchhook_ingest_stale_calls_total',
    help: 'Calls ended because nothing was heard of them for too long',
    registers: [app.metrics],
  })
  const look = async (id: string): Promise<number> => {
    const nowMs = now()
    const before = new Date(nowMs - maxAgeMs).toISOString()
    const time = new Date(nowMs).toISOString()
    const rows = await app.journal.endStale(id, { before, time, limit: perLook })
    publish(app.bus, id, { status: 'accepted', rows })
    ended.inc(rows.length)
    return rows.length
  }
  repeatedly(app, { everyMs, name: 'ending stale calls' }, async (stopping) => {
    for (const { id } of app.directory.apps) {
      for (let looks = 0; looks < maxLooks && !stopping.aborted; looks += 1) {
        if ((await look(id)) < perLook) break
      }
    }
  })
}
