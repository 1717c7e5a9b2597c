import { Type } from 'typebox'
import { readableFromAnywhere } from '@switchhook/plugins/cors'
import { closeCodes } from '@switchhook/shared/protocol'
import { Options } from '../config.ts'
import { channels, operations } from './channels.ts'
import { messages } from './messages.ts'
import { namedSchemas, type Json } from './schema.ts'
import { anyCredential, securitySchemes } from './security.ts'
import type { FastifyInstance } from 'fastify'

interface Described {
  /** What clients call us. */
  readonly publicUrl: string
  readonly limits: Options
}

const route = {
  tags: ['sockets'],
  operationId: 'getAsyncapi',
  summary: 'What is said over a socket',
  description: 'AsyncAPI 3.0: every message and frame of `/ws`, `/ws/call` and `/events`.',
  response: { 200: Type.Record(Type.String(), Type.Unknown(), { description: 'The document.' }) },
}

/** `GET /asyncapi.json`: what can be said here and heard, for programs that write clients. */
export async function asyncapiRoute(app: FastifyInstance, described: Described): Promise<void> {
  const document = JSON.stringify(asyncapi(described))
  await app.register(async (scope) => {
    readableFromAnywhere(scope)
    scope.get('/asyncapi.json', { schema: route }, (_request, reply) =>
      reply.header('cache-control', 'no-cache').type('application/json').send(document),
    )
  })
}

/** The document (AsyncAPI 3.0); the hub is its application, so what clients say it receives. */
export function asyncapi({ publicUrl, limits }: Described): Record<string, Json> {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Switchhook event-hub',
      version: '1.0.0',
      description:
        'Call events, each once and in order, over WebSocket and server-sent events. Fields and names you do not know are to be ignored: there will be more. How to write a client by hand: docs/protocol.md.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: servers(publicUrl),
    channels: channels(),
    operations: operations(),
    components: { messages: messages(), schemas: namedSchemas(), securitySchemes },
    'x-close-codes': Object.values(closeCodes).map((code) => ({ ...code })),
    'x-limits': limitList(limits),
  }
}

function servers(publicUrl: string): Json {
  const { protocol, host, pathname } = new URL(publicUrl)
  const secure = protocol === 'https:' ? 's' : ''
  const path = pathname.replace(/\/+$/, '')
  const server = (kind: string, security: Json): Json => ({
    host,
    ...(path !== '' && { pathname: path }),
    protocol: kind,
    security,
  })
  return {
    socket: server(`ws${secure}`, anyCredential),
    http: server(
      `http${secure}`,
      anyCredential.filter(({ $ref }) => !$ref.endsWith('/subprotocol')),
    ),
  }
}

/** Every limit with its setting, and what it is here. */
function limitList(limits: Options): Json {
  return Object.entries(Options.properties).map(([name, schema]) => {
    const { env = '', description = '' } = schema as { env?: string; description?: string }
    return { setting: env, value: limits[name as keyof Options], description }
  })
}
