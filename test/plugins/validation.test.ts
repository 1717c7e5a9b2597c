import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import problem from '@switchhook/plugins/problem'
import validation from '@switchhook/plugins/validation'
import { Paging, Query } from '../../services/paging.ts'

const Params = Type.Object({ id: Type.String({ format: 'uuid' }) })
const Search = Query({
  ...Paging,
  app: Type.Optional(Type.String({ format: 'uuid' })),
  from: Type.Optional(Type.String({ format: 'date-time' })),
  state: Type.Optional(Type.Union([Type.Literal('live'), Type.Literal('ended')])),
  heard: Type.Optional(Type.Boolean({ description: 'Or not.' })),
  code: Type.Optional(Type.String({ pattern: '^[a-z]+$', mistake: 'must be of a-z' })),
})
const Body = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 5 }),
    note: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    tags: Type.Optional(Type.Array(Type.String())),
    place: Type.Optional(
      Type.Object({ city: Type.String(), zip: Type.String() }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
)

const id = '3f8a2c1e-0000-4000-8000-000000000000'

interface Given {
  readonly id?: string
  readonly query?: string
  readonly body?: string
  readonly type?: string
}

async function serve(t: Test) {
  const app = Fastify()
  await app.register(problem).register(validation)
  await app.register(async (scope) => {
    scope.acceptNoBody()
    scope.get(
      '/things/:id',
      { schema: { params: Params, querystring: Search } },
      async (request) => ({
        query: request.query,
      }),
    )
    scope.post('/things', { schema: { body: Body } }, async ({ body }) => ({ body }))
    scope.post('/nothing', { schema: { body: Type.Object({}) } }, async ({ body }) => ({ body }))
    scope.delete('/things', async (_request, reply) => reply.code(204).send())
  })
  t.teardown(() => app.close())
  const answer = async (method: 'GET' | 'POST' | 'DELETE', url: string, given: Given = {}) => {
    const { type = 'application/json', body } = given
    const response = await app.inject({
      method,
      url,
      ...(body !== undefined && { payload: body, headers: { 'content-type': type } }),
    })
    return { status: response.statusCode, body: response.body === '' ? null : response.json() }
  }
  return {
    get: (query: string, of = id) => answer('GET', `/things/${of}${query}`),
    post: (body: unknown) => answer('POST', '/things', { body: JSON.stringify(body) }),
    answer,
  }
}

t.test('flags of a query are true or false', async (t) => {
  const { get } = await serve(t)
  t.match(await get('?heard=false'), { status: 200, body: { query: { heard: false } } })
  for (const text of ['', '1', 'TRUE', 'true&heard=true']) {
    const parameter = 'heard'
    t.match(await get(`?heard=${text}`), { status: 400, body: { parameter, detail: /boolean/ } })
  }
})

t.test('mistakes are told in words, with what there is instead', async (t) => {
  const { get } = await serve(t)
  const detailOf = async (query: string) => (await get(query)).body.detail as string
  t.equal(await detailOf('?code=A1'), 'code: must be of a-z')
  t.equal(await detailOf('?herd=true'), 'herd: is not known here; there is limit, cursor, heard')
  const time = 'from: must be a time such as 2026-01-31T12:00:00Z'
  t.equal(await detailOf('?from=2026-01-31'), time)
  const hint = '; in an address + is written %2B'
  t.equal(await detailOf('?from=2026-01-31T12:00:00+01:00'), time + hint)
  t.equal((await get('?from=2026-01-31T12:00:00%2B01:00')).status, 200)
})

t.test('integers of a query are numbers, and only what is written like one', async (t) => {
  const { get } = await serve(t)
  t.match(await get('?limit=7'), { status: 200, body: { query: { limit: 7 } } })
  t.match(await get('?limit=200&limit='), { status: 400 })
  const wrong: Readonly<Record<string, string>> = {
    'limit=': 'must be integer',
    'limit=%20': 'must be integer',
    'limit=x': 'must be integer',
    'limit=0x10': 'must be integer',
    'limit=1e2': 'must be integer',
    'limit=007': 'must be integer',
    'limit=+7': 'must be integer',
    'limit=1.5': 'must be integer',
    'limit=NaN': 'must be integer',
    'limit=99999999999999999999999': 'must be integer',
    'limit=1&limit=2': 'must be integer',
    'limit[]=1': 'is not known here',
    'limit=0': 'must be >= 1',
    'limit=-5': 'must be >= 1',
    'limit=201': 'must be <= 200',
  }
  for (const [query, message] of Object.entries(wrong)) {
    const parameter = query.startsWith('limit[]') ? 'limit[]' : 'limit'
    const detail = `${parameter}: ${message}`
    const body = {
      code: 'invalid_parameter',
      parameter,
      detail,
      errors: [{ path: parameter, message }],
    }
    t.match(await get(`?${query}`), { status: 400, body }, query)
  }
})

t.test('names that objects are born with are parameters like any other', async (t) => {
  const { get, post, answer } = await serve(t)
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const body = {
      code: 'invalid_parameter',
      parameter: name,
      detail: `${name}: is not known here`,
    }
    t.match(await get(`?${name}=1`), { status: 400, body }, name)
  }
  t.match(await post({ name: 'a', toString: 1 }), { status: 400, body: { parameter: 'toString' } })
  for (const body of [
    '{"name":"a","__proto__":{"x":1}}',
    '{"name":"a","constructor":{"prototype":{}}}',
  ]) {
    t.match(await answer('POST', '/things', { body }), { status: 400, body: { code: 'bad_json' } })
  }
})

t.test(
  'a UUID of the address that is none has a code of its own, wherever it stands',
  async (t) => {
    const { get } = await serve(t)
    const named = (parameter: string, given: string) => ({
      status: 400,
      body: { code: 'invalid_uuid', parameter, detail: `'${given}' is not a UUID` },
    })
    for (const given of ['abc', '123', `${id}0`, id.replaceAll('-', ''), `{${id}}`, '%00']) {
      t.match(await get('', encodeURIComponent(given)), named('id', given), given)
    }
    t.match(await get('?app=nonsense'), named('app', 'nonsense'))
    t.match(await get('?app='), named('app', ''))
    t.match(await get(`?app=${id}&app=${id}`), { status: 400, body: { parameter: 'app' } })
    const long = await get(`?app=${'x'.repeat(5_000)}`)
    t.equal(long.body.detail, `'${'x'.repeat(100)}' is not a UUID`)
    t.match(await get('', id.toUpperCase()), { status: 200 }, 'in capitals it is one (RFC 9562 §4)')
  },
)

t.test(
  'a misspelt or unknown parameter is not taken for none, a credential is let pass',
  async (t) => {
    const { get } = await serve(t)
    t.match(await get('?limt=5'), { status: 400, body: { detail: 'limt: is not known here' } })
    t.match(await get('?token=x&api_key=y&ticket=z'), { status: 200 })
    t.match(await get('?state=dead'), {
      status: 400,
      body: { parameter: 'state', detail: 'state: must be live or ended' },
    })
    t.match(await get('?from=yesterday'), {
      status: 400,
      body: { parameter: 'from', detail: 'from: must be a time such as 2026-01-31T12:00:00Z' },
    })
  },
)

t.test('every mistake in a body is named, in plain words', async (t) => {
  const { post } = await serve(t)
  const { status, body } = await post({
    name: 'too long',
    note: 7,
    tags: ['a', 1],
    colour: 'red',
  })
  t.equal(status, 400)
  t.equal(body.code, 'invalid_parameter')
  t.strictSame(
    body.errors
      .map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`)
      .toSorted(),
    [
      'colour: is not known here',
      'name: must not have more than 5 characters',
      'note: must be string or null',
      'tags.1: must be string',
    ],
  )
  const inner = await post({ name: 'a', place: { zip: 1, zap: 2 } })
  t.match(inner.body.errors, [
    { path: 'place.city', message: 'is required' },
    { path: 'place.zap', message: 'is not known here' },
    { path: 'place.zip', message: 'must be string' },
  ])
  t.match(await post({}), { status: 400, body: { parameter: 'name', detail: 'name: is required' } })
  for (const whole of [[], 'text', 7, null]) {
    const wrong = await post(whole)
    t.match(wrong, {
      status: 400,
      body: { code: 'invalid_parameter', detail: 'body: must be object' },
    })
    t.notOk('parameter' in wrong.body)
  }
})

t.test('whoever makes thousands of mistakes is told some of them', async (t) => {
  const { post } = await serve(t)
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field${n}`, n]))
  t.equal((await post(many)).body.errors.length, 8)
  const { body } = await post({ name: 'a', ['x'.repeat(10_000)]: 1 })
  t.equal(body.parameter.length, 100)
})

t.test('a body is JSON or refused, and none at all says nothing', async (t) => {
  const { answer } = await serve(t)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'x']) {
    const refused = await answer('POST', '/things', { type, body: '{"name":"a"}' })
    t.match(refused, {
      status: 415,
      body: { code: 'unsupported_media_type', fix: /application\/json/ },
    })
  }
  for (const body of ['{"name":', "{'name':'a'}", 'name=a', '\u0000']) {
    const refused = await answer('POST', '/things', { body })
    t.match(refused, { status: 400, body: { code: 'bad_json' } })
    t.notMatch(refused.body.detail, /position|token|line/i)
  }
  const charset = 'application/json; charset=utf-8'
  t.match(await answer('POST', '/things', { type: charset, body: '{"name":"a"}' }), { status: 200 })
  for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
    t.match(await answer('POST', '/nothing', { type, body: '' }), {
      status: 200,
      body: { body: {} },
    })
  }
  t.match(await answer('POST', '/nothing'), { status: 200, body: { body: {} } })
  t.match(await answer('POST', '/things'), { status: 400, body: { detail: 'name: is required' } })
  t.match(await answer('DELETE', '/things'), { status: 204 })
  t.match(await answer('DELETE', '/things', { body: '' }), { status: 204 })
})
