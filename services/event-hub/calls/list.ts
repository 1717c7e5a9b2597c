import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { CallRecord } from '@switchhook/shared/messages'
import { formatCursor } from '@switchhook/shared/protocol'
import { cursorOf, defaultLimit, Page, placeIn, Seq, timeIn } from '../../paging.ts'
import { principalOf } from '../../rest.ts'
import { askedFor, CallsQuery } from './query.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CallQuery, ListedCall, ListedCalls, Place } from '@switchhook/shared/journal'
import type { CallParts } from './parts.ts'

/** Pages of the journal that one page is made of, where many calls turn out to be other people's. */
const maxRounds = 5

/** The number of the first page, for live calls; when the call began, and with which event. */
const Cursor = Type.Tuple([
  Type.Union([Seq, Type.Null()]),
  Type.String({ pattern: '^[ -~]{1,40}$' }),
  Seq,
])
const cursors = Compile(Cursor)

const Calls = Page(CallRecord)
type Calls = Static<typeof Calls>

const schema = {
  summary: 'List calls',
  description:
    'Calls, newest first, by when they began. A page may have fewer calls than `limit`: go on while `next` is not ' +
    'null. An agent sees its own calls. With `state=live` the header `X-Switchhook-Cursor` says up to which event ' +
    'the calls are told; a socket that goes on after it misses nothing. All pages say that of the first one.',
  tags: ['calls'],
  operationId: 'listCalls',
  querystring: CallsQuery,
  response: { 200: Calls },
}

type Asking = { Querystring: CallsQuery }

/** `GET /api/calls`: an app's calls, or an agent's own ones. */
export function listRoute(scope: FastifyInstance, parts: CallParts): void {
  scope.get<Asking>('/api/calls', { schema }, (request, reply) => list(request, reply, parts))
}

async function list(
  request: FastifyRequest<Asking>,
  reply: FastifyReply,
  { calls, mappings, epoch }: CallParts,
): Promise<Calls> {
  const { query } = request
  const { state = null, provider = null, direction = null, limit = defaultLimit } = query
  const principal = principalOf(request)
  const { groups, accepts } = await askedFor(query, { mappings, principal })
  const [first, startedAt, firstSeq] = placeIn(query.cursor, cursors) ?? [null, '', 0]
  const [from, to] = [timeIn(query.from, 'from'), timeIn(query.to, 'to')]
  const after = query.cursor === undefined ? null : { startedAt, firstSeq }
  const asked = { state, provider, direction, from, to, groups, after, limit }
  const page = await accepted(asked, {
    read: (some) => calls.list(principal.app, some),
    accepts: ({ record }) => accepts(record),
  })
  const seq = state === 'live' ? (first ?? page.seq) : null
  if (seq !== null) void reply.header('x-switchhook-cursor', formatCursor({ epoch, seq }))
  const items = page.calls.map(({ record }) => record) as Calls['items']
  return { items, next: page.next && cursorAt(seq, page.next) }
}

function cursorAt(seq: number | null, { startedAt, firstSeq }: Place): string {
  return cursorOf([seq, startedAt, firstSeq])
}

interface Reading {
  read(query: CallQuery): Promise<ListedCalls>
  accepts(call: ListedCall): boolean
}

/** A page of what is accepted: lists are about names and numbers, and whose a call is may hang on more. */
async function accepted(asked: CallQuery, { read, accepts }: Reading): Promise<ListedCalls> {
  let page = await read(asked)
  const { seq } = page
  const calls = page.calls.filter(accepts)
  for (let round = 1; round < maxRounds; round += 1) {
    if (page.next === null || calls.length >= asked.limit) break
    page = await read({ ...asked, after: page.next, limit: asked.limit - calls.length })
    calls.push(...page.calls.filter(accepts))
  }
  return { seq, calls, next: page.next }
}
