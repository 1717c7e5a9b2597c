import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import { providerNamed, type Endpoint, type Endpoints } from './endpoints.ts'
import { receive, refuseEncoding } from './receive.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { UnverifiedLimit } from './limit.ts'
import type { IngestMetrics } from './metrics.ts'
import type { pipeline } from './pipeline.ts'

const Params = Type.Object({
  provider: Type.String(),
  appId: Type.Optional(Type.String({ format: 'uuid' })),
})

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
  app.route<{ Params: Static<typeof Params> }>({
    method: ['GET', 'POST'],
    url: '/webhooks/:provider/:appId?',
    exposeHeadRoute: false,
    schema: { params: Params },
    onRequest: async (request) => refuseEncoding(request),
    handler: async (request, reply) => {
      const endpoint = endpointFor(app, request, endpoints)
      try {
        return await metrics.observe(endpoint.provider.name, () =>
          ingest({
            endpoint,
            received: receive(request),
            log: request.log,
            verifying: (verification) => limit.verifying(request.ip, verification),
          }),
        )
      } catch (error) {
        throw isUnproven(error) ? await limit.failed(request, reply, error) : error
      }
    },
  })
}
/** @throws CodedError `provider_not_found`, `method_not_allowed` or `app_not_found` */
function endpointFor(app: FastifyInstance, request: Webhook, endpoints: Endpoints): Endpoint {
  const { provider: name, appId = app.directory.firstApp.id } = request.params
  const provider = providerNamed(name)
  if (!provider) throw new CodedError('provider_not_found', { args: [name] })
  if (!provider.methods.some((method) => method === request.method)) {
    const args = [name, request.method, provider.methods.join(' and ')]
    throw new CodedError('method_not_allowed', { args })
  }
  if (!app.directory.app(appId)?.active) {
    throw new CodedError('app_not_found', { args: [appId], parameter: 'appId' })
  }
  return endpoints(appId, provider)
}

/** Verification is what refuses with 401 here. */
function isUnproven(error: unknown): error is CodedError {
  return error instanceof CodedError && error.statusCode === 401
}
