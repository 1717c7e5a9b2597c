import type { FastifyInstance } from 'fastify'
import type { Judgement, Tally } from '@switchhook/plugins/origin-check'

/** `GET /origins`: which pages may connect to this process, which were refused, who still uses what has a last day. */
export function originRoutes(scope: FastifyInstance, { origins }: FastifyInstance): void {
  scope.get('/origins', async () => ({
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
