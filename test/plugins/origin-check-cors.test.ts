import Fastify from 'fastify'
import t from 'tap'
import { CodedError } from '@switchhook/shared/errors'
import admin from '@switchhook/plugins/admin'
import cors, { readableFromAnywhere } from '@switchhook/plugins/cors'
import metrics from '@switchhook/plugins/metrics'
import originCheck from '@switchhook/plugins/origin-check'
import problem from '@switchhook/plugins/problem'
import type { Test } from 'tap'

const crm = 'https://crm.example.com'
const evil = 'https://evil.test'

/** A server with a scope for pages, one for everybody, and a route outside of both. */
async function serverWith(t: Test) {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(problem)
  await app.register(admin, { host: '127.0.0.1' })
  await app.register(metrics, { service: 'test', version: '0' })
  await app.register(originCheck, {
    allow: [crm],
    insecureAnyOrigin: false,
    publicUrl: 'https://calls.example.com',
    port: 3000,
  })
  app.post('/webhooks', async () => 'outside')
  await app.register(
    async (scope) => {
      await scope.register(cors)
      scope.addHook('onRequest', async ({ headers }) => {
        if (headers.authorization === undefined) throw new CodedError('auth_missing')
      })
      scope.get('/calls', async (_request, reply) => reply.header('retry-after', 1).send([]))
      scope.post('/calls', async () => 'changed')
      await scope.register(async (child) => child.patch('/voicemails/:id', async () => 'heard'), {
        prefix: '/deep',
      })
    },
    { prefix: '/api' },
  )
  await app.register(async (scope) => {
    readableFromAnywhere(scope)
    scope.get('/check', async () => 'ok')
  })
  return app
}

const authorization = 'Bearer x'

t.test('a page of an allowed origin reads answers, refusals too', async (t) => {
  const app = await serverWith(t)
  const headers = { origin: crm, authorization }
  const answer = await app.inject({ url: '/api/calls', headers })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers, {
    'access-control-allow-origin': crm,
    vary: 'Origin',
    'access-control-expose-headers':
      'RateLimit, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Switchhook-Cursor',
  })
  t.notOk('access-control-allow-credentials' in answer.headers)
  const refusal = await app.inject({ url: '/api/calls', headers: { origin: crm } })
  t.equal(refusal.statusCode, 401)
  t.equal(refusal.headers['access-control-allow-origin'], crm)
  const own = { origin: 'https://calls.example.com', authorization }
  t.equal((await app.inject({ method: 'POST', url: '/api/calls', headers: own })).body, 'changed')
})

t.test('a preflight needs no credential, and names the methods of its address', async (t) => {
  const app = await serverWith(t)
  const preflight = (url: string, origin: string) =>
    app.inject({
      method: 'OPTIONS',
      url,
      headers: { origin, 'access-control-request-method': 'POST' },
    })
  const answer = await preflight('/api/calls', crm)
  t.equal(answer.statusCode, 204)
  t.match(answer.headers, {
    'access-control-allow-origin': crm,
    'access-control-allow-methods': 'GET, HEAD, POST',
    'access-control-allow-headers':
      'Authorization, Content-Type, X-App-Api-Key, Idempotency-Key, Last-Event-ID',
    'access-control-max-age': '600',
    vary: 'Origin',
  })
  const deep = await preflight('/api/deep/voicemails/7', crm)
  t.match(deep, { statusCode: 204, headers: { 'access-control-allow-methods': 'PATCH' } })
  const refused = await preflight('/api/calls', evil)
  t.equal(refused.statusCode, 403)
  t.match(refused.json(), {
    code: 'origin_not_allowed',
    fix: `To the operator: add ${evil} to ALLOWED_ORIGINS or ORIGINS_FILE.`,
  })
  t.notOk('access-control-allow-origin' in refused.headers)
  const plain = await app.inject({
    method: 'OPTIONS',
    url: '/api/calls',
    headers: { authorization },
  })
  t.match(plain, { statusCode: 204, headers: { allow: 'GET, HEAD, POST, OPTIONS' } })
})

t.test(
  'what a refused origin reads its browser keeps from it, what it changes is refused',
  async (t) => {
    const app = await serverWith(t)
    const headers = { origin: evil, authorization }
    const read = await app.inject({ url: '/api/calls', headers })
    t.equal(read.statusCode, 200)
    t.notOk('access-control-allow-origin' in read.headers)
    t.equal(read.headers.vary, 'Origin')
    const change = await app.inject({ method: 'POST', url: '/api/calls', headers })
    t.match(change.json(), { status: 403, code: 'origin_not_allowed' })
    t.notOk('access-control-allow-origin' in change.headers)
    t.match(app.origins.refused, [{ origin: evil, count: 2 }])
  },
)

t.test('a program without an origin is none of its business', async (t) => {
  const app = await serverWith(t)
  const answer = await app.inject({ method: 'POST', url: '/api/calls', headers: { authorization } })
  t.equal(answer.body, 'changed')
  t.notOk('access-control-allow-origin' in answer.headers)
  t.equal(answer.headers.vary, 'Origin', 'a cache must not give it to a page')
})

t.test('outside of the scope there is no CORS', async (t) => {
  const app = await serverWith(t)
  const headers = { origin: crm }
  const answer = await app.inject({ method: 'POST', url: '/webhooks', headers })
  t.equal(answer.body, 'outside')
  t.notOk('access-control-allow-origin' in answer.headers)
  t.equal((await app.inject({ method: 'OPTIONS', url: '/webhooks', headers })).statusCode, 404)
  t.notOk('access-control-allow-origin' in (await app.inject({ url: '/metrics', headers })).headers)
})

t.test('what everybody may read needs no entry in a list', async (t) => {
  const app = await serverWith(t)
  for (const origin of [crm, evil, 'null']) {
    const answer = await app.inject({ url: '/check', headers: { origin } })
    t.match(answer, { body: 'ok', headers: { 'access-control-allow-origin': '*' } })
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/check',
      headers: { origin, 'access-control-request-method': 'GET' },
    })
    t.match(preflight, {
      statusCode: 204,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-headers': /X-App-Api-Key/,
      },
    })
  }
  t.strictSame(app.origins.refused, [])
})
