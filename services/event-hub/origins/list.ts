import { Type } from 'typebox'
import { TextOrNull } from '../../text.ts'
import type { FastifyInstance } from 'fastify'
import type { Judgement, Tally } from '@switchhook/plugins/origin-check'

const Origin = Type.String({ description: 'As browsers send it.' })
const Count = Type.Integer({ minimum: 1, description: 'How often.' })
const Time = Type.String({ format: 'date-time' })
const Until = TextOrNull('The last day it works, UTC; null: it has none.')
const Successor = TextOrNull('Where its pages are told to go.')

const schema = {
  tags: ['origins'],
  operationId: 'listOrigins',
  summary: 'Which pages may connect',
  description: 'As this process knows it: each counts for itself, since it began.',
  response: {
    200: Type.Object(
      {
        allowed: Type.Array(
          Type.Object({
            origin: Type.String({ description: 'With `*` for one label, or `*` alone.' }),
            until: Until,
            successor: Successor,
            source: Type.String({ description: 'The setting it stands in.' }),
          }),
          { description: 'In the order they are asked.' },
        ),
        refused: Type.Array(
          Type.Object({
            origin: Origin,
            count: Count,
            firstAt: Time,
            lastAt: Time,
            fix: TextOrNull('What to set; null: it would pass now.'),
          }),
          { description: 'Pages that were turned away.' },
        ),
        deprecated: Type.Array(
          Type.Object({
            origin: Origin,
            until: Until,
            successor: Successor,
            count: Count,
            lastAt: Time,
            users: Type.Array(Type.String(), { description: 'The latest first.' }),
          }),
          { description: 'Who still uses what has a last day.' },
        ),
      },
      { description: 'What is allowed, and what came of it.' },
    ),
  },
}

/** `GET /origins`: which pages may connect to this process, which were refused, who still uses what has a last day. */
export function originRoutes(scope: FastifyInstance, { origins }: FastifyInstance): void {
  scope.get('/origins', { schema }, async () => ({
    allowed: origins.allowed,
    refused: origins.refused.map((tally) => refusedView(tally, origins.judge(tally.origin))),
    deprecated: origins.deprecated.map((tally) =>
      deprecatedView(tally, origins.judge(tally.origin)),
    ),
  }))
}

/** Without a fix it would pass now. */
function refusedView({ origin, count, firstAt, lastAt }: Tally, judgement: Judgement) {
  const fix = judgement.passes ? null : judgement.fix
  return { origin, count, firstAt: timeOf(firstAt), lastAt: timeOf(lastAt), fix }
}

/** The latest user first. */
function deprecatedView({ origin, count, lastAt, users }: Tally, { entry }: Judgement) {
  const { until = null, successor = null } = entry ?? {}
  return { origin, until, successor, count, lastAt: timeOf(lastAt), users: [...users].toReversed() }
}

const timeOf = (at: number): string => new Date(at).toISOString()
