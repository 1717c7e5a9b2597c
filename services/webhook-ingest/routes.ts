import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import { providerNamed, type Endpoint, type Endpoints } from './endpoints.ts'
import { receive, refuseEncoding } from './receive.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { UnverifiedLimit } from './limit.ts'
import type { IngestMetrics } from './metrics.ts'
import type { pipeline } from './pipeline.ts'

const ProviderName = Type.String({
  description: 'Such as `telnyx`; docs/providers names them all.',
})
const AppId = Type.String({ format: 'uuid', description: 'The app it is for.' })
const Params = Type.Object({ provider: ProviderName, appId: Type.Optional(AppId) })

const Receipt = Type.Object(
  {
    status: Type.Enum(['accepted', 'duplicate', 'quarantined'], {
      description: 'A duplicate came before; what is quarantined is kept, and meant nothing yet.',
    }),
    events: Type.Array(Type.String(), { description: 'The ids of its events.' }),
  },
  {
    description: 'It is kept. Vapi gets the answer it waits for instead.',
    examples: [{ status: 'accepted', events: ['telnyx:fc4c4a28-a607-4020-831c-7c6644930569'] }],
  },
)

const schema = {
  tags: ['webhooks'],
  description:
    'As the provider signs it. The answer comes once the delivery is on disk; 401 to what does not prove where it comes from, 503 to what is to be sent again.',
  'x-request-body': {
    description: 'Whatever the provider sends; by POST.',
    content: { '*/*': { schema: Type.Unknown() } },
  },
  response: { 200: Receipt },
}

/** For the first app, and for any. */
const addresses = [
  {
    url: '/webhooks/:provider',
    schema: {
      ...schema,
      operationId: 'receiveWebhook',
      summary: 'Deliver to the first app',
      params: Type.Object({ provider: ProviderName }),
    },
  },
  {
    url: '/webhooks/:provider/:appId',
    schema: {
      ...schema,
      operationId: 'receiveAppWebhook',
      summary: 'Deliver to an app',
      params: Type.Object({ provider: ProviderName, appId: AppId }),
    },
  },
]

type Webhook = FastifyRequest<{ Params: Static<typeof Params> }>

interface Parts {
  readonly endpoints: Endpoints
  readonly limit: UnverifiedLimit
  readonly ingest: ReturnType<typeof pipeline>
  readonly metrics: IngestMetrics
}

/**
 * `/webhooks/:provider` for the first app, `/webhooks/:provider/:appId` for any; by POST, or by GET where a provider
 * calls so.
 */
export function routes(app: FastifyInstance, { endpoints, limit, ingest, metrics }: Parts): void {
  for (const address of addresses) {
    app.route<{ Params: Static<typeof Params> }>({
      method: ['POST', 'GET'],
      ...address,
      exposeHeadRoute: false,
      onRequest: async (request) => refuseEncoding(request),
      handler: async (request, reply) => {
        const endpoint = await endpointFor(app, request, endpoints)
        try {
          return await metrics.observe(endpoint.provider.name, () =>
            ingest({
              endpoint,
              received: receive(request),
              log: request.log,
              isGone: () => request.raw.socket.destroyed,
              verifying: (verification) => limit.verifying(request.ip, verification),
            }),
          )
        } catch (error) {
          throw isUnproven(error) ? await limit.failed(request, reply, error) : error
        }
      },
    })
  }
}

/** @throws CodedError `provider_not_found`, `method_not_allowed`, `app_not_found` or `store_unavailable` */
async function endpointFor(
  app: FastifyInstance,
  request: Webhook,
  endpoints: Endpoints,
): Promise<Endpoint> {
  const { provider: name, appId = app.directory.firstApp.id } = request.params
  const provider = providerNamed(name)
  if (!provider) throw new CodedError('provider_not_found', { args: [name] })
  if (!provider.methods.some((method) => method === request.method)) {
    const args = [name, request.method, provider.methods.join(' and ')]
    throw new CodedError('method_not_allowed', { args })
  }
  const found = await app.directory.find(appId).catch((cause: unknown) => {
    throw new CodedError('store_unavailable', { retryAfter: retryAfterSeconds, cause })
  })
  if (!found?.active) {
    throw new CodedError('app_not_found', { args: [appId], parameter: 'appId' })
  }
  return endpoints(appId, provider)
}

/** For an app that nobody here knows, while the store cannot be asked for it. */
const retryAfterSeconds = 5

/** Verification is what refuses with 401 here. */
function isUnproven(error: unknown): error is CodedError {
  return error instanceof CodedError && error.statusCode === 401
}
