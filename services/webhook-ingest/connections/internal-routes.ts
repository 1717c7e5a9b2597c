import { Type, type Static } from 'typebox'
import { CodedError } from '@switchhook/shared/errors'
import type { FastifyInstance } from 'fastify'
import type { Directory } from '@switchhook/shared/directory'
import type { DialpadConnections } from './connections.ts'

const Params = Type.Object({ appId: Type.String({ format: 'uuid' }) })
const targets = [
  'callcenter',
  'callrouter',
  'channel',
  'coachinggroup',
  'coachingteam',
  'department',
  'office',
  'room',
  'staffgroup',
  'user',
]
const Target = Type.Object(
  {
    type: Type.Union(targets.map((target) => Type.Literal(target))),
    // A number would lose digits beyond 2^53.
    id: Type.String({ pattern: '^[1-9][0-9]{0,18}$' }),
  },
  { additionalProperties: false },
)
const Body = Type.Object({ target: Type.Optional(Target) }, { additionalProperties: false })

interface OfApp {
  Params: Static<typeof Params>
}

interface Parts {
  readonly dialpad: DialpadConnections
  readonly directory: Directory
}

/**
 * `/apps/:appId/connections`: what there is, a one-use link to make one, its end. The scope lets in only those who may
 * do that.
 */
export function internalRoutes(scope: FastifyInstance, { dialpad, directory }: Parts): void {
  const schema = { params: Params }

  scope.get<OfApp>('/apps/:appId/connections', { schema }, async ({ params }) => ({
    items: await dialpad.list(known(params.appId)),
    next: null,
  }))

  scope.post<OfApp & { Body: Static<typeof Body> }>(
    '/apps/:appId/connections/dialpad',
    { schema: { ...schema, body: Body } },
    async ({ params, body, ip }, reply) => {
      const target = body.target ?? null
      const link = await dialpad.link(known(params.appId), target, ip)
      return reply.code(201).header('cache-control', 'no-store').send(link)
    },
  )

  scope.delete<OfApp>(
    '/apps/:appId/connections/dialpad',
    { schema },
    async ({ params, ip }, reply) => {
      await dialpad.remove(known(params.appId), ip)
      return reply.code(204).send()
    },
  )

  /** @throws CodedError `app_not_found` */
  function known(id: string): string {
    if (!directory.app(id)) {
      throw new CodedError('app_not_found', { args: [id], parameter: 'appId' })
    }
    return id
  }
}
