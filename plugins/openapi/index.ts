import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import fp from 'fastify-plugin'
import { Type } from 'typebox'
import { describe, type Collected, type Document } from './document.ts'
import { transform } from './operation.ts'
import { page } from './page.ts'
import { securitySchemes } from './security.ts'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** What the composition hands over. */
interface Parts {
  readonly version: string
  /** What clients call us. */
  readonly publicUrl: string
}

/** What collects the routes of a server, and what is made of them. */
const collecting = (
  transformObject: (collected: Collected) => Document,
): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Switchhook', version: '' },
    components: { securitySchemes },
  },
  // Routes without a tag are no API: pages, scripts, preflights, sockets.
  hideUntagged: true,
  convertConstToEnum: false,
  stripBasePath: false,
  transform,
  transformObject: (document) =>
    transformObject(('openapiObject' in document ? document.openapiObject : {}) as Collected),
})

const schema = {
  tags: ['health'],
  operationId: 'getOpenapi',
  summary: 'This document',
  description: 'OpenAPI 3.1; `/docs` shows it to people.',
  response: { 200: Type.Record(Type.String(), Type.Unknown(), { description: 'The document.' }) },
}

/**
 * `GET /openapi.json` and `GET /docs`: every route with a tag that is registered after this, here or on `ADMIN_PORT`, in
 * the words of its schema. The schema of an answer describes, and does nothing else: what a handler returns is sent.
 */
async function openapi(app: FastifyInstance, { version, publicUrl }: Parts): Promise<void> {
  const { admin } = app
  const isApart = admin !== app
  const operators = () =>
    isApart ? { collected: admin.swagger() as unknown as Collected, port: portOf(admin) } : null
  for (const server of new Set([app, admin])) server.setSerializerCompiler(() => JSON.stringify)
  if (isApart)
    await admin.register(
      swagger,
      collecting((collected) => collected as never),
    )
  await app.register(
    swagger,
    collecting((collected) => describe({ version, publicUrl, collected, operators: operators() })),
  )
  await app.register(page)
  let document: string | undefined
  app.get('/openapi.json', { schema }, (_request, reply) => {
    document ??= JSON.stringify(app.swagger())
    return reply
      .headers({ 'access-control-allow-origin': '*', 'cache-control': 'no-cache' })
      .type('application/json; charset=utf-8')
      .send(document)
  })
}

const portOf = ({ server }: FastifyInstance): number => (server.address() as AddressInfo).port

export default fp(openapi, { name: 'openapi', fastify: '5.x', dependencies: ['admin'] })
