import { Type, type Static } from 'typebox'
import { appNamed, OfApp } from '../apps/named.ts'
import type { FastifyInstance } from 'fastify'

const Body = Type.Object(
  { sub: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
)
const Answer = Type.Object({ sub: Type.String(), at: Type.String({ format: 'date-time' }) })

interface Revocation {
  Params: Static<typeof OfApp>
  Body: Static<typeof Body>
}

/** `POST /apps/:appId/revocations`: whatever was issued to a user so far is refused, and its sockets close. */
export function revocationRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  scope.post<Revocation>(
    '/apps/:appId/revocations',
    { schema: { params: OfApp, body: Body, response: { 201: Answer } } },
    async ({ params: { appId }, body: { sub }, ip }, reply) => {
      const { id } = appNamed(app, appId)
      const at = await app.access.revocations.add(id, sub)
      const entry = { app: id, action: 'user.revoked', actor: 'internal', ip, target: sub }
      await app.audit.record({ ...entry, detail: { at } })
      return reply.code(201).send({ sub, at })
    },
  )
}
