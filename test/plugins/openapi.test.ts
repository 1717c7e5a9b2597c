import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import admin from '@switchhook/plugins/admin'
import openapi from '@switchhook/plugins/openapi'
import type { FastifyInstance, FastifySchema } from 'fastify'

interface Route {
  readonly url: string
  readonly schema: FastifySchema
  readonly answer?: unknown
}

async function serving(t: Test, routes: readonly Route[]): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(admin, { host: '127.0.0.1' })
  await app.register(openapi, { version: '1.0.0', publicUrl: 'https://calls.example.com/suite/' })
  for (const { url, schema, answer = {} } of routes) app.get(url, { schema }, async () => answer)
  await app.ready()
  return app
}

const described = { tags: ['calls'], summary: 'A test' }

t.test('an answer is sent whole, whatever its schema forgets', async (t) => {
  const answer = { known: 'text', forgotten: { nested: [1, null] } }
  const response = { 200: Type.Object({ known: Type.Integer() }) }
  const app = await serving(t, [
    { url: '/one', schema: { ...described, operationId: 'one', response }, answer },
  ])
  t.strictSame((await app.inject('/one')).json(), answer)
})

t.test('keywords of ours are not told, properties of the same name are', async (t) => {
  const Thing = Type.Object({
    env: Type.String({ pattern: '^a$', mistake: 'must be a', env: 'A' }),
  })
  const response = { 200: Thing }
  const app = await serving(t, [
    { url: '/one', schema: { ...described, operationId: 'one', response } },
  ])
  const text = (await app.inject('/openapi.json')).body
  t.match(text, '"env":{"type":"string","pattern":"^a$"}')
  t.notMatch(text, /"mistake":|"env":"A"/)
})

t.test('a schema with a title stands once', async (t) => {
  const Thing = Type.Object({ title: Type.String() }, { title: 'Thing' })
  const schemaOf = (operationId: string, of = Thing) => ({
    ...described,
    operationId,
    response: { 200: Type.Array(of) },
  })
  const app = await serving(t, [
    { url: '/one', schema: schemaOf('one') },
    { url: '/two', schema: schemaOf('two') },
  ])
  const { components, paths } = (await app.inject('/openapi.json')).json()
  t.match(components.schemas.Thing, { properties: { title: { type: 'string' } } })
  for (const path of ['/one', '/two']) {
    const { schema } = paths[path].get.responses['200'].content['application/json']
    t.strictSame(schema, { type: 'array', items: { $ref: '#/components/schemas/Thing' } })
  }
  const Other = Type.Object({ title: Type.Integer() }, { title: 'Thing' })
  const torn = await serving(t, [
    { url: '/one', schema: schemaOf('one') },
    { url: '/two', schema: schemaOf('two', Other as never) },
  ])
  t.throws(() => torn.swagger(), { message: 'two schemas are called Thing' })
})

t.test('the document names where clients call, and leaves out what has no tag', async (t) => {
  const app = await serving(t, [
    { url: '/page', schema: {} },
    { url: '/api/one', schema: { ...described, operationId: 'one' } },
  ])
  const { servers, paths } = (await app.inject('/openapi.json')).json()
  t.strictSame(servers, [{ url: 'https://calls.example.com/suite' }])
  t.strictSame(Object.keys(paths).toSorted(), ['/api/one', '/openapi.json'])
  t.strictSame(Object.keys(paths['/api/one'].get.responses).toSorted(), [
    '200',
    '401',
    '403',
    '429',
    '503',
  ])
})

t.test('credentials of a query are no parameters', async (t) => {
  const querystring = Type.Object({
    limit: Type.Optional(Type.Integer({ description: 'How many.' })),
    token: Type.Optional(Type.String()),
    api_key: Type.Optional(Type.String()),
    ticket: Type.Optional(Type.String()),
  })
  const app = await serving(t, [
    { url: '/api/one', schema: { ...described, operationId: 'one', querystring } },
  ])
  const { paths } = (await app.inject('/openapi.json')).json()
  t.match(paths['/api/one'].get.parameters, [{ name: 'limit' }])
  t.equal(paths['/api/one'].get.parameters.length, 1)
})

t.test('a body is required where an empty one is not enough', async (t) => {
  const response = { 200: Type.Object({}) }
  const body = Type.Object({ name: Type.String(), more: Type.Optional(Type.String()) })
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(admin, { host: '127.0.0.1' })
  await app.register(openapi, { version: '1.0.0', publicUrl: 'https://calls.example.com' })
  for (const [operationId, given] of Object.entries({ needed: body, none: Type.Partial(body) })) {
    const schema = { ...described, operationId, body: given, response }
    app.post(`/${operationId}`, { schema }, async () => ({}))
  }
  const { paths } = (await app.inject('/openapi.json')).json()
  t.equal(paths['/needed'].post.requestBody.required, true)
  t.equal(paths['/none'].post.requestBody.required, false)
})
