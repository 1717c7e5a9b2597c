import { Type, type Static } from 'typebox'
import { appNamed } from '@switchhook/plugins/directory'
import { byOf } from '@switchhook/plugins/internal'
import { plainText } from '../../text.ts'
import { OfApp } from '../apps/of-app.ts'
import type { FastifyInstance } from 'fastify'

const Sub = Type.String({
  minLength: 1,
  maxLength: 256,
  ...plainText,
  description: 'The `sub` of the tokens.',
})
const Body = Type.Object(
  { sub: Sub },
  { additionalProperties: false, examples: [{ sub: 'anna@example.com' }] },
)
const Answer = Type.Object(
  {
    sub: Sub,
    at: Type.String({ format: 'date-time', description: 'What was issued before is refused.' }),
  },
  {
    description: 'It is refused from now on, here and in every other process within a second.',
    examples: [{ sub: 'anna@example.com', at: '2026-11-21T15:11:24.672Z' }],
  },
)

const schema = {
  tags: ['apps'],
  operationId: 'revokeUser',
  summary: 'Sign a user out everywhere',
  description:
    'Every token and ticket that the user has so far is refused, and its sockets close. Fresh tokens are accepted.',
  params: OfApp,
  body: Body,
  response: { 201: Answer },
}

interface Revocation {
  Params: Static<typeof OfApp>
  Body: Static<typeof Body>
}

/** `POST /apps/:appId/revocations`: whatever was issued to a user so far is refused, and its sockets close. */
export function revocationRoutes(scope: FastifyInstance, app: FastifyInstance): void {
  scope.post<Revocation>('/apps/:appId/revocations', { schema }, async (request, reply) => {
    const { appId } = request.params
    const { sub } = request.body
    const { id } = await appNamed(app, appId)
    const at = await app.access.revocations.add(id, sub)
    const entry = { app: id, action: 'user.revoked', ...byOf(request), target: sub }
    await app.audit.record({ ...entry, detail: { at } })
    return reply.code(201).send({ sub, at })
  })
}
