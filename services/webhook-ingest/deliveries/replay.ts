import { byOf } from '@switchhook/plugins/internal'
import { eventName, type EventData } from '@switchhook/shared/events'
import { CodedError } from '@switchhook/shared/errors'
import { openCalls } from '@switchhook/shared/journal'
import { appGiven } from './routes.ts'
import { runAgain, type Parts } from './again.ts'
import { replayDeliveries, replayEvents, type Range as RangeSchema } from './schemas.ts'
import type { Static } from 'typebox'
import type { FastifyInstance } from 'fastify'
import type { CallEvents, Deliveries, JournalRow, KeptDelivery } from '@switchhook/shared/journal'

type Range = Static<typeof RangeSchema>

/** Deliveries that are run again by one request; `next` goes on. */
const perRequest = 500
/** Events that are looked through by one request. */
const looked = 2_000
/** How far what is told may be ahead of our clocks, as a custom event may be. */
const aheadMs = 86_400_000

/**
 * `POST /replay` reads the raw deliveries of a time or of a call anew, for after a fix: what had no meaning and has
 * one now joins the log at its end. `GET /replay` hands out events of the past again to whoever asks, with their ids,
 * marked `replay`; nobody else notices.
 */
export function replayRoutes(
  scope: FastifyInstance,
  { app, deliveries }: { app: FastifyInstance; deliveries: Deliveries },
): void {
  const calls = openCalls(app.store)
  scope.post<{ Body: Range }>('/replay', { schema: replayDeliveries }, async (request) => {
    const { id, ...range } = await rangeOf(app, request.body)
    const page = await deliveries.range(id, { ...range, limit: perRequest })
    const counts = { accepted: 0, duplicate: 0, quarantined: 0, purged: 0, sealed: 0 }
    for (const kept of page.items) {
      counts[await outcomeOf(kept, { deliveries, sealing: app.sealing, bus: app.bus })] += 1
    }
    const detail = { ...request.body, ...counts }
    const entry = { app: id, action: 'deliveries.replayed', target: null, detail }
    await app.audit.record({ ...entry, ...byOf(request) })
    return { deliveries: page.items.length, ...counts, next: page.next }
  })

  scope.get<{ Querystring: Range }>('/replay', { schema: replayEvents }, async (request) => {
    const { id, from, to, call, after } = await rangeOf(app, request.query)
    const begin = numberIn(after)
    const { rows, more } = await (call === undefined
      ? sinceTime(app, id, { from, begin })
      : ofCall(id, call, begin))
    const events = rows.filter(({ time }) => time >= from && time <= to)
    const next = more ? String(rows.at(-1)!.seq) : null
    return { events: events.map(frameOf), next }
  })

  async function ofCall(id: string, call: string, after: number): Promise<CallEvents> {
    const known = await app.journal.resolveCall(id, call)
    return calls.events(id, { call: known ?? call, after, limit: looked })
  }
}

/** From a number on, but for what certainly had happened before a time. */
async function sinceTime(
  { journal }: FastifyInstance,
  app: string,
  { from, begin }: { from: string; begin: number },
): Promise<CallEvents> {
  const before = new Date(Date.parse(from) - aheadMs).toISOString()
  const after = Math.max(begin, await journal.milestone(app, before))
  const rows = await journal.read(app, after, looked)
  return { rows, more: rows.length === looked }
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
  return { id: await appGiven(app, given), ...range, ...rest }
}

/** @throws CodedError `invalid_parameter` */
function numberIn(after: string | undefined): number {
  const number = Number(after ?? 0)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw unusable('after', "is not as 'next' shows it")
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
