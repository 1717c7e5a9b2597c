import { Type } from 'typebox'
import { providers } from '@switchhook/shared/providers'
import { Page } from '../../paging.ts'
import { OfApp } from './of-app.ts'

const Settings = Type.Partial(
  Type.Object(Object.assign({}, ...providers.map((provider) => provider.Settings.properties))),
)

/** Which endpoint. */
export const Params = Type.Object({
  ...OfApp.properties,
  provider: Type.String({ description: `One of ${providers.map(({ name }) => name).join(', ')}.` }),
})

const Body = Type.Object({
  credentials: Type.Array(Type.String(), {
    minItems: 1,
    maxItems: 8,
    description: 'What the provider signs with; each is tried.',
  }),
  ...Settings.properties,
})

const View = Type.Object(
  {
    provider: Type.String(),
    credentials: Type.Array(
      Type.Object({
        credential: Type.Integer({
          minimum: 1,
          description: 'Which one, in the order of the PUT.',
        }),
        fingerprint: Type.String({
          description: 'To tell it from others; nothing can be made of it.',
        }),
      }),
    ),
    ...Settings.properties,
    updatedAt: Type.String({ format: 'date-time' }),
  },
  {
    title: 'ProviderEndpoint',
    description: 'What an app verifies the deliveries of a provider with, without the credentials.',
  },
)

const tags = ['providers']

export const listProviders = {
  tags,
  operationId: 'listProviders',
  summary: 'List the providers of an app',
  description:
    'Those whose credentials were put here; the first app has those of the environment besides.',
  params: OfApp,
  response: { 200: Page(View) },
}

export const getProvider = {
  tags,
  operationId: 'getProvider',
  summary: 'See how a provider is set up',
  params: Params,
  response: { 200: View },
}

export const putProvider = {
  tags,
  operationId: 'putProvider',
  summary: 'Set a provider up',
  description:
    '`{"credentials":["…"]}`, and the settings of the provider beside them. All credentials are accepted, so that one can be replaced without a gap; they go in and never come out again.',
  params: Params,
  // Which settings there are depends on the provider, so the handler checks them.
  'x-request-body': {
    required: true,
    content: {
      'application/json': { schema: Body, example: { credentials: ['whsec_c3dpdGNoaG9vaw=='] } },
    },
  },
  response: { 200: View },
}

export const deleteProvider = {
  tags,
  operationId: 'deleteProvider',
  summary: 'Forget the credentials of a provider',
  params: Params,
  response: { 204: Type.Null({ description: 'They are gone.' }) },
}
