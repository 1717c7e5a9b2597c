import { appNamed } from '@switchhook/plugins/directory'
import { byOf } from '@switchhook/plugins/internal'
import { CodedError } from '@switchhook/shared/errors'
import { defaultLimit } from '../../paging.ts'
import { runAgain } from './again.ts'
import { opened } from './opened.ts'
import {
  deleteDelivery,
  getDelivery,
  listDeliveries,
  purgeDeliveries,
  replayDelivery,
  type List,
  type One,
  type Params,
  type Purge,
} from './schemas.ts'
import { listed, requestView } from './view.ts'
import type { Static } from 'typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Deliveries, KeptDelivery } from '@switchhook/shared/journal'

type Of<Schema extends { params?: object; query?: object; body?: object }> = FastifyRequest<{
  Params: Schema['params']
  Querystring: Schema['query']
  Body: Schema['body']
}>
interface Listing {
  Querystring: Static<typeof List>
}
interface Purging {
  Body: Static<typeof Purge>
}
type OneRequest = Of<{ params: Static<typeof Params>; query: Static<typeof One> }>

/**
 * `/deliveries`: what came, as it came. Masked unless somebody asks to see it, which the audit log remembers; run
 * again after a fix; removed.
 */
export function deliveryRoutes(
  scope: FastifyInstance,
  { app, deliveries }: { app: FastifyInstance; deliveries: Deliveries },
): void {
  const audited = (request: FastifyRequest, action: string, entry: AuditedEntry): Promise<void> =>
    app.audit.record({ action, ...byOf(request), ...entry })

  scope.get<Listing>('/deliveries', { schema: listDeliveries }, async ({ query }) => {
    const { app: given, limit = defaultLimit, ...filter } = query
    const page = await deliveries.list({
      ...filter,
      app: await appGiven(app, given),
      limit,
    })
    return { items: page.items.map(listed), next: page.next }
  })

  scope.get('/deliveries/:id', { schema: getDelivery }, async (request: OneRequest) => {
    const kept = await find(request)
    const { id, sealed } = kept
    const masked = !request.query.unmasked
    if (!masked) await audited(request, 'delivery.revealed', { app: kept.app, target: id })
    const view = sealed.length === 0 ? null : requestView(opened(kept, app.sealing), masked)
    return { ...listed(kept), dedupeKey: kept.dedupeKey, events: kept.events, request: view }
  })

  scope.post('/deliveries/:id/replay', { schema: replayDelivery }, async (request: OneRequest) => {
    const kept = await find(request)
    const rerun = await runAgain(kept, { deliveries, sealing: app.sealing, bus: app.bus })
    const detail = { status: rerun.status }
    await audited(request, 'delivery.replayed', { app: kept.app, target: kept.id, detail })
    return rerun
  })

  scope.delete(
    '/deliveries/:id',
    { schema: deleteDelivery },
    async (request: OneRequest, reply) => {
      const kept = await find(request)
      await deliveries.purgeDelivery(kept.app, kept.id)
      await audited(request, 'delivery.purged', { app: kept.app, target: kept.id })
      return reply.code(204).send()
    },
  )

  scope.post<Purging>('/deliveries/purge', { schema: purgeDeliveries }, async (request) => {
    const { number, ...given } = request.body
    const id = await appGiven(app, given.app)
    const counts = await deliveries.purge(id, number === undefined ? {} : { number })
    // The number that somebody wants forgotten must not live on in the audit log.
    const detail = { ...counts, by: number === undefined ? 'app' : 'number' }
    await audited(request, 'deliveries.purged', { app: id, target: null, detail })
    return counts
  })

  async function find({ params, query }: OneRequest): Promise<KeptDelivery> {
    const kept = await deliveries.get(await appGiven(app, query.app), params.id)
    if (!kept) throw new CodedError('delivery_not_found', { args: [params.id], parameter: 'id' })
    return kept
  }
}

interface AuditedEntry {
  readonly app: string
  readonly target: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

/** The app that is given, or the first one. @throws CodedError `app_not_found` */
export async function appGiven(app: FastifyInstance, id: string | undefined): Promise<string> {
  return id === undefined ? app.directory.firstApp.id : (await appNamed(app, id, 'app')).id
}
