import { Type, type Static } from 'typebox'
import { problemOf } from '@switchhook/plugins/problem'
import { CodedError } from '@switchhook/shared/errors'
import { controlFrames, EventFrame } from '@switchhook/shared/messages'
import { formatCursor, parseCursor, type ResyncReason } from '@switchhook/shared/protocol'
import { eventExample } from '../asyncapi/examples.ts'
import { defaultChannels, scopeOf } from '../channels.ts'
import { modernForm } from '../feed/forms.ts'
import { readPage, type Page } from '../feed/page.ts'
import { sort } from '../requests/subscribe.ts'
import { principalOf } from '../../rest.ts'
import { Sub } from './sse-route.ts'
import { somethingNew, type Turn, type Waits } from './catch-up-waits.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '@switchhook/plugins/auth'
import type { Feed } from '../feed/index.ts'
import type { View } from '../feed/view.ts'
import type { Hub } from '../hub.ts'

/** Frames of a page. */
const maxEvents = 500

const Query = Type.Object({
  after: Type.Optional(Type.String({ description: 'The `next` of the page before; none: now.' })),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: maxEvents,
      description: 'At most 500, and so many if not given.',
    }),
  ),
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 30,
      description: 'Seconds to wait for an event when there is none, at most 30.',
    }),
  ),
  call: Type.Optional(Type.String({ maxLength: 512, description: 'Events of one call alone.' })),
  sub: Type.Optional(Sub),
})

const Answer = Type.Object(
  {
    events: Type.Array(EventFrame, { description: 'The frames of the WebSocket.' }),
    next: Type.String({ description: 'The cursor to go on after.' }),
    head: Type.String({ description: 'How far the events go.' }),
  },
  {
    description: 'Some events, and how to go on.',
    examples: [{ events: [eventExample], next: '6217e1b5:2', head: '6217e1b5:7' }],
  },
)

const Resync = Type.Object(
  {
    code: Type.Literal('resync'),
    ...controlFrames.resync.properties,
  },
  { title: 'Resync', description: 'What a problem says besides when events cannot be continued.' },
)

const schema = {
  tags: ['events'],
  operationId: 'listEvents',
  'x-refused': ['Gone'],
  summary: 'Read events from where you left off',
  description:
    'Page by page: ask again with `after` = `next` until `next` is `head`, then with `wait`, and you have every event as it happens. Without `after` it begins now.',
  querystring: Query,
  response: {
    200: Answer,
    410: {
      description:
        'The events cannot be continued from there: a problem that says from where they can.',
      content: { 'application/problem+json': { schema: Resync } },
    },
  },
}

type Query = Static<typeof Query>
type Asked = FastifyRequest<{ Querystring: Query }>

interface Parts {
  readonly hub: Hub
  readonly waits: Waits
}

/** `GET /api/events`: the past from a cursor on, page by page, and then what happens, by waiting for it. */
export function catchUpRoute(app: FastifyInstance, parts: Parts): void {
  app.get<{ Querystring: Query }>('/api/events', { schema }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const refusal = app.originRefusal(request)
    if (refusal) throw refusal
    const principal = principalOf(request)
    const lease = await parts.hub.borrow(principal.app)
    parts.waits.linger(principal.app, () => parts.hub.borrow(principal.app))
    try {
      return await answer({ request, reply, principal, feed: lease.feed, waits: parts.waits })
    } finally {
      lease.release()
    }
  })
}

interface Reading {
  readonly request: Asked
  readonly reply: FastifyReply
  readonly principal: Principal
  readonly feed: Feed
  readonly waits: Waits
}

async function answer(reading: Reading): Promise<FastifyReply> {
  const { request, reply, principal, feed } = reading
  const channels = channelsOf(request.query, principal)
  const scope = scopeOf(principal)
  const view = feed.open({ scope, channels, events: null, form: modernForm })
  try {
    const from = await startOf(request.query, feed, view)
    const page = typeof from === 'string' ? from : await pageOf(reading, view, from)
    if (typeof page === 'string') return resync(reading, page)
    if (page.oldest !== null && page.frames.length === 0) {
      return resync(reading, view.byOwner ? 'too_many' : 'too_old', page.oldest)
    }
    const cursorOf = (seq: number): string => formatCursor({ epoch: feed.epoch, seq })
    const marks = `"next":"${cursorOf(page.next)}","head":"${cursorOf(feed.position)}"`
    return reply
      .type('application/json; charset=utf-8')
      .send(`{"events":[${page.frames.join(',')}],${marks}}`)
  } finally {
    feed.close(view)
  }
}

/** @throws CodedError `forbidden` or `unknown_channel` as a parameter that is not allowed */
function channelsOf({ sub }: Query, principal: Principal): readonly string[] {
  if (sub === undefined) return defaultChannels(principal)
  const { channels, denied } = sort([sub].flat(), principal)
  const [first] = denied
  if (!first) return channels
  const args = [`sub: ${first.channel} is ${first.code}`]
  throw new CodedError('invalid_parameter', { args, parameter: 'sub' })
}

/** The number to continue after, or why that is impossible. @throws CodedError `bad_cursor` */
async function startOf({ after }: Query, feed: Feed, view: View): Promise<number | ResyncReason> {
  if (after === undefined) return feed.position
  const cursor = parseCursor(after)
  if (!cursor) throw new CodedError('bad_cursor', { args: [after], parameter: 'after' })
  if (cursor.epoch !== feed.epoch) return 'epoch'
  // Another hub may have shown the client an event that this one has not seen yet.
  if (cursor.seq > feed.position) await feed.learnHead()
  if (cursor.seq > feed.position) return 'ahead'
  return feed.changedSince(view, cursor.seq) ? 'view_changed' : cursor.seq
}

/** The next page; when there is nothing, after something came or the time is over. */
async function pageOf(reading: Reading, view: View, after: number): Promise<Page | ResyncReason> {
  const { request, principal, waits } = reading
  const page = await readNext(reading, view, after)
  if (!page.complete || tellsSomething(page)) return page
  const endsInMs = principal.exp === null ? Infinity : principal.exp * 1_000 - Date.now()
  const waitMs = Math.min((request.query.wait ?? 0) * 1_000, Math.max(0, endsInMs))
  const turn = waits.enter(principal, waitMs)
  const { socket } = request.raw
  socket.once('close', turn.end)
  try {
    return await waitForPage(reading, { view, turn, page })
  } finally {
    socket.off('close', turn.end)
    turn.leave()
  }
}

interface Waiting {
  readonly view: View
  readonly turn: Turn
  readonly page: Page
}

async function waitForPage(
  reading: Reading,
  { view, turn, page: first }: Waiting,
): Promise<Page | ResyncReason> {
  const { request, principal, feed } = reading
  let page = first
  while (turn.waiting && !tellsSomething(page)) {
    if (page.complete && feed.position === page.next) await somethingNew(view, turn)
    if (principal.exp !== null && Date.now() >= principal.exp * 1_000) {
      throw new CodedError('auth_expired')
    }
    if (request.server.revoked(principal)) {
      throw new CodedError('auth_invalid', { args: ['it was revoked'] })
    }
    if (feed.changedSince(view, first.next)) return 'view_changed'
    page = await readNext(reading, view, page.next)
  }
  return page
}

function readNext({ request, feed }: Reading, view: View, after: number): Promise<Page> {
  const { limit = maxEvents, call } = request.query
  return readPage(feed, view, { after, limit, call })
}

const tellsSomething = ({ frames, oldest }: Page): boolean => frames.length > 0 || oldest !== null

/** The past cannot be continued: the problem says why, and from where a client may go on. */
function resync({ request, reply, feed }: Reading, reason: ResyncReason, oldest = 1): FastifyReply {
  const error = new CodedError('resync', { args: [reason], parameter: 'after' })
  const head = formatCursor({ epoch: feed.epoch, seq: feed.position })
  return reply
    .code(error.statusCode)
    .type('application/problem+json')
    .send(JSON.stringify({ ...problemOf(error, request.id), reason, oldest, head }))
}
