import { eventName, type EventData } from '@switchhook/shared/events'
import { CodedError } from '@switchhook/shared/errors'
import { appNamed } from './routes.ts'
import { runAgain, type Parts } from './again.ts'
import { replayDeliveries, replayEvents, type Range as RangeSchema } from './schemas.ts'
import type { Static } from 'typebox'
import type { FastifyInstance } from 'fastify'
import type { Deliveries, JournalRow, KeptDelivery } from '@switchhook/shared/journal'

type Range = Static<typeof RangeSchema>

/** Deliveries that are run again by one request; `next` goes on. */
const perRequest = 500
/** Events that are looked through by one request. */
const looked = 2_000

/**
 * `POST /replay` reads the raw deliveries of a time or of a call anew, for after a fix: what had no meaning and has
 * one now joins the log at its end. `GET /replay` hands out events of the past again to whoever asks, with their ids,
 * marked `replay`; nobody else notices.
 */
export function replayRoutes(
  scope: FastifyInstance,
  { app, deliveries }: { app: FastifyInstance; deliveries: Deliveries },
): void {
  scope.post<{ Body: Range }>('/replay', { schema: replayDeliveries }, async (request) => {
    const { id, ...range } = await rangeOf(app, request.body)
    const page = await deliveries.range(id, { ...range, limit: perRequest })
    const counts = { accepted: 0, duplicate: 0, quarantined: 0, purged: 0, sealed: 0 }
    for (const kept of page.items) {
      counts[await outcomeOf(kept, { deliveries, sealing: app.sealing, bus: app.bus })] += 1
    }
    const detail = { ...request.body, ...counts }
    const entry = { app: id, action: 'deliveries.replayed', actor: 'internal', target: null }
    await app.audit.record({ ...entry, ip: request.ip, detail })
    return { deliveries: page.items.length, ...counts, next: page.next }
  })

  scope.get<{ Querystring: Range }>('/replay', { schema: replayEvents }, async (request) => {
    const { id, from, to, call, after } = await rangeOf(app, request.query)
    const begin = after === undefined ? 0 : Number(after)
    if (!Number.isSafeInteger(begin) || begin < 0) {
      throw new CodedError('invalid_parameter', { args: ["after: as 'next' shows it"] })
    }
    const canonical = call === undefined ? undefined : await app.journal.resolveCall(id, call)
    const rows = await app.journal.read(id, begin, looked)
    const events = rows
      .filter((row) => row.time >= from && row.time <= to)
      .filter((row) => call === undefined || row.call === call || row.call === canonical)
    const next = rows.length < looked ? null : String(rows.at(-1)!.seq)
    return { events: events.map(frameOf), next }
  })
}

/** One that cannot be read keeps no other from being read. */
async function outcomeOf(kept: KeptDelivery, parts: Parts) {
  try {
    return (await runAgain(kept, parts)).status
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    if (error.code === 'delivery_purged') return 'purged'
    if (error.code === 'delivery_sealed') return 'sealed'
    throw error
  }
}

/** @throws CodedError `app_not_found` or `invalid_parameter` */
async function rangeOf(app: FastifyInstance, { app: given, from, to, ...rest }: Range) {
  const range = { from: timeOf('from', from), to: timeOf('to', to) }
  if (range.from > range.to) throw unusable('from', 'is later than to')
  return { id: await appNamed(app, given), ...range, ...rest }
}

/** In UTC. RFC 3339 knows leap seconds, which the clocks of computers do not. */
function timeOf(parameter: string, text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw unusable(parameter, 'is no time that this clock knows')
  return time.toISOString()
}

function unusable(parameter: string, reason: string): CodedError {
  return new CodedError('invalid_parameter', { args: [`${parameter}: ${reason}`], parameter })
}

function frameOf({ seq, id, type, time, call, late, data }: JournalRow) {
  return {
    event: eventName(type),
    seq,
    prev: seq - 1,
    id,
    time,
    call,
    ...(late && { late }),
    replay: true,
    data: JSON.parse(data) as EventData,
  }
}
