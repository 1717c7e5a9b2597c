import { createHash } from 'node:crypto'
import { Type, type Static, type TObject } from 'typebox'
import { Value } from 'typebox/value'
import { appNamed } from '@switchhook/plugins/directory'
import { byOf } from '@switchhook/plugins/internal'
import { checked } from '@switchhook/plugins/validation'
import { CodedError } from '@switchhook/shared/errors'
import { providers, type Provider } from '@switchhook/shared/providers'
import {
  deleteProvider,
  getProvider,
  listProviders,
  putProvider,
  type Params,
} from './provider-schemas.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ProviderCredentials } from '@switchhook/shared/credentials'
import type { OfApp } from './of-app.ts'

type Given = { Params: Static<typeof OfApp> }
type OfProvider = { Params: Static<typeof Params> }

/** Old ones that nobody has retired are accepted too, and looked through for every bad signature. */
const maxCredentials = 8
const byName = new Map(providers.map((provider) => [provider.name, provider]))

/**
 * `GET|PUT|DELETE /apps/:appId/providers/:provider`: what an app's endpoint of a provider verifies with, besides what
 * the environment gives to the first app. Credentials go in and never come out again.
 */
export function providerRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  const path = '/apps/:appId/providers'
  scope.get<Given>(path, { schema: listProviders }, async ({ params }) => {
    const { id } = await appNamed(app, params.appId)
    const items = providers.flatMap((provider) => {
      const stored = app.credentials.of(id, provider.name)
      return stored ? [viewOf(provider, stored)] : []
    })
    return { items, next: null }
  })
  scope.get<OfProvider>(`${path}/:provider`, { schema: getProvider }, async ({ params }) => {
    const { id, provider } = await endpointNamed(app, params)
    const stored = app.credentials.of(id, provider.name)
    if (!stored) throw notConfigured(provider)
    return viewOf(provider, stored)
  })
  scope.put<OfProvider>(`${path}/:provider`, { schema: putProvider }, async (request) => {
    const { id, provider } = await endpointNamed(app, request.params)
    const stored = await app.credentials.put(id, provider.name, given(provider, request.body))
    const view = viewOf(provider, stored)
    const detail = { credentials: view.credentials.map(({ fingerprint }) => fingerprint) }
    const entry = entryOf(request, 'provider.configured', { app: id, provider })
    await app.audit.record({ ...entry, detail })
    return view
  })
  scope.delete<OfProvider>(
    `${path}/:provider`,
    { schema: deleteProvider },
    async (request, reply) => {
      const { id, provider } = await endpointNamed(app, request.params)
      if (!(await app.credentials.remove(id, provider.name))) throw notConfigured(provider)
      await app.audit.record(entryOf(request, 'provider.removed', { app: id, provider }))
      return reply.code(204).send()
    },
  )
}

/** @throws CodedError `app_not_found` or `provider_not_found` */
async function endpointNamed(app: FastifyInstance, params: Static<typeof Params>) {
  const provider = byName.get(params.provider)
  if (!provider) {
    throw new CodedError('provider_not_found', { args: [params.provider], parameter: 'provider' })
  }
  const { id } = await appNamed(app, params.appId)
  return { id, provider }
}

/** What is put: `credentials`, and the provider's settings beside them. @throws CodedError `invalid_parameter` */
function given(provider: Provider, body: unknown): Omit<ProviderCredentials, 'updatedAt'> {
  const { credentials, ...settings } = checked(bodyOf(provider), body) as {
    credentials: string[]
  }
  for (const [index, credential] of credentials.entries()) {
    const reason = provider.checkCredential(credential)
    if (reason === null) continue
    const parameter = `credentials.${index}`
    throw new CodedError('invalid_parameter', { args: [`${parameter}: ${reason}`], parameter })
  }
  const filled = Value.Default(provider.Settings, settings) as Record<string, unknown>
  mustVerify(provider, credentials, filled)
  return { credentials, settings: filled }
}

/** Credentials and settings may be right each, and wrong together. @throws CodedError `invalid_parameter` */
function mustVerify(provider: Provider, credentials: readonly string[], settings: object): void {
  try {
    provider.verifier(credentials, settings)
  } catch (cause) {
    throw new CodedError('invalid_parameter', { args: [(cause as Error).message], cause })
  }
}

function bodyOf({ Settings }: Provider): TObject {
  return Type.Object(
    {
      credentials: Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        maxItems: maxCredentials,
      }),
      ...Type.Partial(Settings).properties,
    },
    { additionalProperties: false },
  )
}

function viewOf({ name }: Provider, { credentials, settings, updatedAt }: ProviderCredentials) {
  const shown = credentials.map((credential, index) => ({
    credential: index + 1,
    fingerprint: createHash('sha256').update(credential).digest('hex').slice(0, 8),
  }))
  return { provider: name, credentials: shown, ...settings, updatedAt }
}

function notConfigured({ name, credentialName }: Provider): CodedError {
  return new CodedError('credentials_not_found', { args: [name, credentialName] })
}

function entryOf(
  request: FastifyRequest,
  action: string,
  { app, provider }: { app: string; provider: Provider },
) {
  return { app, action, ...byOf(request), target: provider.name }
}
