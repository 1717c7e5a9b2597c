import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { bounds, type SipTraces, type Trace } from '@switchhook/shared/sip-traces'
import { CodedError } from '@switchhook/shared/errors'
import { cursorOf, defaultLimit, placeIn } from '../../paging.ts'
import { supervisorOf } from '../../rest.ts'
import { orUnavailable } from '../../within.ts'
import { aorIn, aorText } from './aor.ts'
import { missingOf } from './completeness.ts'
import { Asked, Ladder, Listing, NewTrace, OfAor, Started } from './schema.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'

const path = '/api/sip-trace'
const tags = ['sip']
const defaultMinutes = 10
const minuteMs = 60_000
const cursors = Compile(
  Type.Tuple([
    Type.String({ format: 'date-time', maxLength: 40 }),
    Type.String({ maxLength: 255 }),
  ]),
)

interface Parts {
  readonly app: FastifyInstance
  readonly trace: {
    readonly traces: SipTraces
    /** Chooses by what was changed. */
    update(): void
  }
}

/** `GET|POST|DELETE /api/sip-trace`: whose SIP is written down for a while, and what was; for supervisors. */
export function traceRoutes(scope: FastifyInstance, { app, trace }: Parts): void {
  startRoute(scope, { app, trace })
  readRoute(scope, trace.traces)
  endRoute(scope, { app, trace })
}

function startRoute(scope: FastifyInstance, { app, trace }: Parts): void {
  const schema = {
    summary: 'Trace the SIP of a user',
    description:
      'What its phone and the PBX say to each other is written down, without passwords, tokens and keys of media, and goes an hour after the end. A trace ends by itself: after `minutes`, or with 2,000 messages or 4 MiB. Asked for again it begins anew. That somebody did is kept in the audit of the app.',
    operationId: 'startSipTrace',
    tags,
    'x-refused': ['Conflict'],
    body: NewTrace,
    response: { 201: Started },
  }
  scope.post<{ Body: NewTrace }>(path, { schema }, async (request, reply) => {
    const { app: id, user: by } = supervisorOf(request)
    const { minutes = defaultMinutes } = request.body
    const aor = canonical(request.body.aor)
    const wanted = { app: id, aor, by, lastsMs: minutes * minuteMs }
    const started = await orUnavailable(trace.traces.start(wanted))
    if (!started) throw new CodedError('too_many_sip_traces', { args: [bounds.traces] })
    trace.update()
    const { until } = started
    await app.audit.record({ ...entryOf(request, 'started', aor), detail: { until } })
    return reply.code(201).send({ aor, until })
  })
}

function readRoute(scope: FastifyInstance, traces: SipTraces): void {
  const schema = {
    summary: 'Read what was traced',
    description:
      'With `call` its messages, in the order they passed between browser and PBX. Without it, who is or was traced and a page of the calls that were written down, the newest first.',
    operationId: 'listSipTraces',
    tags,
    'x-refused': ['NotFound'],
    querystring: Asked,
    response: { 200: Type.Union([Ladder, Listing]) },
  }
  scope.get<{ Querystring: Asked }>(path, { schema }, async (request) => {
    const { app } = supervisorOf(request)
    const { call } = request.query
    return call === undefined
      ? orUnavailable(list(traces, app, request.query))
      : orUnavailable(ladder(traces, app, call))
  })
}

function endRoute(scope: FastifyInstance, { app, trace }: Parts): void {
  const schema = {
    summary: 'End a trace',
    description: 'Nothing more is written down; what was stays for an hour.',
    operationId: 'endSipTrace',
    tags,
    'x-refused': ['NotFound'],
    querystring: OfAor,
    response: { 204: Type.Null({ description: 'It has ended.' }) },
  }
  scope.delete<{ Querystring: OfAor }>(path, { schema }, async (request, reply) => {
    const { app: id } = supervisorOf(request)
    const { aor: asked } = request.query
    const aor = canonical(asked)
    const isEnded = await orUnavailable(trace.traces.end(id, aor))
    if (!isEnded) throw new CodedError('sip_trace_not_found', { args: [asked], parameter: 'aor' })
    trace.update()
    await app.audit.record(entryOf(request, 'ended', aor))
    return reply.code(204).send()
  })
}

async function list(traces: SipTraces, app: string, { cursor, limit = defaultLimit }: Asked) {
  const place = placeIn(cursor, cursors)
  const after = place ? { startedAt: place[0], call: place[1] } : undefined
  // One more tells whether there is another page.
  const slice = { after, limit: limit + 1 }
  const [traced, found] = await Promise.all([traces.list(app), traces.calls(app, slice)])
  const items = found.slice(0, limit)
  const last = found.length > limit ? items.at(-1)! : null
  const next = last && cursorOf([last.startedAt, last.call])
  return { traced: traced.map(shown), items, next }
}

/** A trace without what it is called inside. */
function shown({ aor, by, startedAt, until, state, messages, dropped }: Trace) {
  return { aor, by, startedAt, until, state, messages, dropped }
}

async function ladder(traces: SipTraces, app: string, call: string) {
  const written = await traces.call(app, call)
  if (!written) throw new CodedError('call_not_found', { args: [call], parameter: 'call' })
  const missing = missingOf(written)
  return { call, messages: written.messages, complete: missing === null, missing }
}

/** A user as it is named wherever it is stored. */
function canonical(asked: string): string {
  return aorText(aorIn(asked)!)
}

function entryOf(request: FastifyRequest, what: 'started' | 'ended', target: string) {
  const { app, sub } = supervisorOf(request)
  return { app, action: `sip-trace.${what}`, actor: sub, ip: request.ip, target }
}
