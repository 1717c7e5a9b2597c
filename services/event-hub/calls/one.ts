import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { CodedError } from '@switchhook/shared/errors'
import { CallRecord, EventFrame } from '@switchhook/shared/messages'
import { cursorOf, defaultLimit, Page, Paging, placeIn, Query, Seq } from '../../paging.ts'
import { encode, replayText } from '../feed/encode.ts'
import { principalOf } from '../../rest.ts'
import { ownersOf } from './owners.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { JournalRow } from '@switchhook/shared/journal'
import type { CallRecord as Call } from '@switchhook/shared/projections'
import type { CallParts } from './parts.ts'

/** Events of a timeline, the newest ones. */
const maxTimeline = 1_000

const Params = Type.Object({
  id: Type.String({
    minLength: 1,
    maxLength: 512,
    pattern: '^[^\\u0000]+$',
    description: 'Any id the call was ever told by, URL-encoded.',
  }),
})
type OfCall = { Params: Static<typeof Params> }

const WithTimeline = Type.Object(
  {
    ...CallRecord.properties,
    voicemails: Type.Array(Type.String({ format: 'uuid' }), {
      description: 'The ids of those that were left in it, or seem to have been, oldest first.',
    }),
    timeline: Type.Array(EventFrame, { description: 'Its events, oldest first.' }),
    timeline_truncated: Type.Boolean({
      description: `There are more than the newest ${maxTimeline}, or they are large: see its events.`,
    }),
  },
  { title: 'CallWithTimeline' },
)

const EventsQuery = Query(Paging)
type EventsOf = OfCall & { Querystring: Static<typeof EventsQuery> }

/** The number of the last event. */
const cursors = Compile(Type.Tuple([Seq]))

/** `GET /api/calls/:id` and `GET /api/calls/:id/events`: one call, and what was told of it. */
export function oneRoutes(scope: FastifyInstance, parts: CallParts): void {
  const described = { tags: ['calls'], params: Params }
  const one = {
    ...described,
    summary: 'Get a call',
    description: 'A call with its timeline: the events as sockets are told them.',
    operationId: 'getCall',
    response: { 200: WithTimeline },
  }
  scope.get<OfCall>('/api/calls/:id', { schema: one }, async (request, reply) => {
    const call = await callOf(request, parts)
    const { app } = principalOf(request)
    const [{ rows, more }, voicemails] = await Promise.all([
      parts.calls.events(app, { call: call.id, after: null, limit: maxTimeline }),
      parts.voicemails.ofCall(app, call.id),
    ])
    const record = JSON.stringify({ ...call, voicemails, timeline_truncated: more })
    return json(reply, `${record.slice(0, -1)},"timeline":[${framesOf(rows, 0)}]}`)
  })
  const events = {
    ...described,
    summary: 'List the events of a call',
    description: 'What was told of a call under any of its ids, oldest first.',
    operationId: 'listCallEvents',
    querystring: EventsQuery,
    response: { 200: Page(EventFrame) },
  }
  scope.get<EventsOf>('/api/calls/:id/events', { schema: events }, async (request, reply) => {
    const { limit = defaultLimit, cursor } = request.query
    const [after] = placeIn(cursor, cursors) ?? [0]
    const { id } = await callOf(request, parts)
    const { app } = principalOf(request)
    const { rows, more } = await parts.calls.events(app, { call: id, after, limit })
    const next = more ? cursorOf([rows.at(-1)!.seq]) : null
    return json(reply, `{"items":[${framesOf(rows, after)}],"next":${JSON.stringify(next)}}`)
  })
}

/** @throws CodedError `call_not_found`, also for a call that is other people's */
async function callOf(
  request: FastifyRequest<OfCall>,
  { calls, mappings }: CallParts,
): Promise<Call> {
  const { app, role, sub } = principalOf(request)
  const { id } = request.params
  const call = await calls.find(app, id)
  if (call && (role === 'supervisor' || ownersOf(mappings, app, call).includes(sub))) return call
  throw new CodedError('call_not_found', { args: [id], parameter: 'id' })
}

/** Frames of the past, each naming the one before it. */
function framesOf(rows: readonly JournalRow[], after: number): string {
  return rows
    .map((row, index) => replayText(encode(row, []), rows[index - 1]?.seq ?? after))
    .join(',')
}

/** Frames are text already. */
function json(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text)
}
