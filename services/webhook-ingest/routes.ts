import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance } from 'fastify'
import type { IngestMetrics } from './metrics.ts'
import type { pipeline } from './pipeline.ts'
import type { Source } from './verify.ts'

const Params = Type.Object({
  provider: Type.String(),
  appId: Type.Optional(Type.String({ format: 'uuid' })),
})

interface Parts {
  readonly bodyLimit: number
  readonly sources: ReadonlyMap<string, Source>
  readonly ingest: ReturnType<typeof pipeline>
  readonly metrics: IngestMetrics
}

/** `POST /webhooks/:provider` for the first app, `POST /webhooks/:provider/:appId` for any. */
export function routes(app: FastifyInstance, { bodyLimit, sources, ingest, metrics }: Parts): void {
  app.post<{ Params: Static<typeof Params> }>(
    '/webhooks/:provider/:appId?',
    { schema: { params: Params }, bodyLimit },
    async (request) => {
      const { firstApp } = app.directory
      const { provider, appId = firstApp.id } = request.params
      const source = sources.get(provider)
      if (!source) throw new CodedError('provider_not_found', { args: [provider] })
      if (!app.directory.app(appId)?.active) {
        throw new CodedError('app_not_found', { args: [appId], parameter: 'appId' })
      }
      // The environment's credentials are the first app's; they prove nothing about another one.
      const own = appId === firstApp.id ? source : { ...source, verifier: null }
      return metrics.observe(provider, () => ingest(request, own, appId))
    },
  )
}
