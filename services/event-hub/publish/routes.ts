import { CodedError } from '@switchhook/shared/errors'
import { openDeliveries, type NewDelivery } from '@switchhook/shared/journal'
import { formatCursor } from '@switchhook/shared/protocol'
import { supervisorOf } from '../../rest.ts'
import { orUnavailable } from '../../within.ts'
import { mustBeBounded, tooLarge } from './bounds.ts'
import { deliveryOf } from './delivery.ts'
import { Key, Published, Receipt } from './schema.ts'
import { teller } from './tell.ts'
import type { FastifyError, FastifyInstance } from 'fastify'

interface Publishing {
  Body: Published
  Headers: Key
}

/** Data may be written with escapes, which are longer than what they say. */
const bodyLimit = 262_144
const parameter = 'idempotency-key'

const schema = {
  summary: 'Publish an event',
  description:
    'Numbers an event of your own among those of the app: it is on disk before the answer, and reaches the same ' +
    'clients in the same order as any other. 200: it was published before, with the same `Idempotency-Key`. For ' +
    'API keys and supervisors.',
  operationId: 'publishEvent',
  'x-refused': ['Conflict'],
  tags: ['events'],
  headers: Key,
  body: Published,
  response: {
    200: {
      description: 'It was published before, with the same key.',
      content: { 'application/json': { schema: Receipt } },
    },
    201: Receipt,
  },
}

/** `POST /api/events`: what an app has to tell its own clients. */
export function publishRoute(scope: FastifyInstance, app: FastifyInstance): void {
  const deliveries = openDeliveries(app.store)
  const tell = teller(app)

  const publish = async (delivery: NewDelivery, key: string | undefined) => {
    const appended = await tell(delivery)
    if (appended.status === 'accepted') return { status: 201, event: appended.rows[0]! }
    return { status: 200, event: await before(delivery, key ?? '') }
  }

  /** What was published with the key. @throws CodedError `idempotency_conflict` */
  const before = async ({ app: id, provider, dedupeKey, digest }: NewDelivery, key: string) => {
    const told = await orUnavailable(deliveries.told(id, provider, dedupeKey))
    const isSame = told?.digest && Buffer.from(told.digest).equals(digest!)
    if (isSame && told.event) return told.event
    const reason = isSame ? 'its event is no longer kept' : 'with another body'
    throw new CodedError('idempotency_conflict', { args: [key, reason], parameter })
  }

  const options = { schema, bodyLimit, errorHandler: refuse }
  scope.post<Publishing>('/api/events', options, async (request, reply) => {
    const { body, headers } = request
    const { app: id } = supervisorOf(request)
    mustBeBounded(body)
    const key = headers[parameter]
    const delivery = deliveryOf({ app: id, body, key, nowMs: Date.now() }, app.sealing)
    const { status, event } = await publish(delivery, key)
    const cursor = formatCursor({ epoch: app.journal.epoch, seq: event.seq })
    return reply.code(status).send({ id: event.id, seq: event.seq, cursor })
  })
}

/** A body that is not even read is too large for the same reason. */
function refuse(error: FastifyError): never {
  throw error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? tooLarge() : error
}
