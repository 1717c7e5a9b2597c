import { Type, type Static } from 'typebox'
import cors from '@switchhook/plugins/cors'
import { CodedError } from '@switchhook/shared/errors'
import { Query } from '../paging.ts'
import { TextOrNull } from '../text.ts'
import type { FastifyInstance } from 'fastify'
import type { Route, Upstreams } from './upstreams/contract.ts'

const Answer = Type.Object(
  {
    wssServerUrl: Type.String({ description: 'Where a SIP client opens its WebSocket.' }),
    sipDomain: TextOrNull('The domain of its SIP address; null: the upstream names none.'),
    busylightWsUrl: TextOrNull('Where a page tells a busylight of its state; null: nowhere.'),
    upstream: Type.String({ description: 'The name of the upstream that answers there.' }),
  },
  {
    description: 'What a SIP client needs to connect.',
    examples: [
      {
        wssServerUrl: 'wss://calls.example.com/api/sip-ws/388',
        sipDomain: 'server1-388.phantomapi.net',
        busylightWsUrl: null,
        upstream: 'phantom',
      },
    ],
  },
)
type Answer = Static<typeof Answer>

const Asked = (description: string, example: string) =>
  Type.Optional(Type.String({ minLength: 1, description, examples: [example] }))

const ConfigQuery = Query({
  upstream: Asked('The name of an upstream, or an id that one of them matches.', 'office'),
  phantomId: Asked('The same, as older clients call it.', '388'),
})
type ConfigQuery = Static<typeof ConfigQuery>

const schema = {
  tags: ['sip'],
  operationId: 'getSipConfig',
  summary: 'Where does my SIP client connect?',
  description:
    'What a page needs to register a phone: the address of its WebSocket and the domain. Without a parameter it is that of the only upstream there is.',
  security: [{}],
  querystring: ConfigQuery,
  'x-refused': ['NotFound'],
  response: { 200: Answer },
}

export interface ClientConfigOptions {
  readonly upstreams: Upstreams
  /** What clients call us. */
  readonly publicUrl: string
  /** Whether clients come through here; if not they are told the first target itself. */
  readonly useSipProxy: boolean
  readonly busylightWsUrl?: string | undefined
}

/** Of one address, behind which may be an office; a page asks when it is loaded. */
const perMinute = 1_200

/** `GET /api/config`: where a SIP client connects. It says nothing that a client without a credential may not know. */
export async function clientConfigRoute(
  app: FastifyInstance,
  { upstreams, publicUrl, useSipProxy, busylightWsUrl }: ClientConfigOptions,
): Promise<void> {
  const limit = app.limits.of('config', perMinute)
  const sockets = `${publicUrl.replace(/^http/i, 'ws').replace(/\/+$/, '')}/api/sip-ws`
  await app.register(async (scope) => {
    await scope.register(cors)
    scope.addHook('onRequest', async (request, reply) => {
      const refusal = await limit.countAddress(request, reply)
      if (refusal) throw refusal
    })
    scope.get<{ Querystring: ConfigQuery }>(
      '/api/config',
      { schema },
      async ({ query }, reply): Promise<Answer> => {
        reply.header('cache-control', 'no-store')
        const { asked, route } = routeFor(query, upstreams)
        const proxied = `${sockets}/${encodeURIComponent(asked)}`
        return {
          wssServerUrl: useSipProxy ? proxied : route.targets[0]!.url,
          sipDomain: route.sipDomain,
          busylightWsUrl: busylightWsUrl ?? null,
          upstream: route.upstream.name,
        }
      },
    )
  })
}

interface Found {
  readonly asked: string
  readonly route: Route
}

/** @throws CodedError `upstream_not_found`, or `invalid_parameter` if it is not said which */
function routeFor({ upstream, phantomId }: ConfigQuery, upstreams: Upstreams): Found {
  const asked = upstream ?? phantomId
  if (asked === undefined) return onlyRoute(upstreams)
  if (phantomId !== undefined && phantomId !== asked) {
    const args = ['phantomId: is another one than upstream; one of them is enough']
    throw new CodedError('invalid_parameter', { args, parameter: 'phantomId' })
  }
  const route = upstreams.find(asked)
  if (route) return { asked, route }
  const parameter = upstream === undefined ? 'phantomId' : 'upstream'
  throw new CodedError('upstream_not_found', { args: [asked.slice(0, maxTold)], parameter })
}

/** Of what was asked for; nothing longer is found. */
const maxTold = 64

/** That of the only upstream, if it needs no id. */
function onlyRoute(upstreams: Upstreams): Found {
  const [only, ...others] = upstreams.all
  const route = only && others.length === 0 ? upstreams.find(only.name) : null
  if (route && route.id === null) return { asked: route.upstream.name, route }
  const args = ['upstream: must be given: a name of SIP_UPSTREAMS_FILE, or an id that one matches']
  throw new CodedError('invalid_parameter', { args, parameter: 'upstream' })
}
