import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { build, internalSecret, type Suite } from '../kit/build.ts'
import { bodies, shared, things, twoSides, type Side } from './isolation-samples.ts'
import type { RouteOptions } from 'fastify'

/** Routes that ask for no credential, or for one of their own. What is missing here has to ask. */
const open = new Set([
  '/',
  '/api/config',
  '/api/sip-check',
  '/api/sip-ws/:upstream',
  '/api/ws/check',
  '/asyncapi.json',
  '/auth/dialpad',
  '/auth/dialpad/callback',
  '/events',
  '/health',
  '/livez',
  '/metrics',
  '/openapi.json',
  '/readyz',
  '/sdk.js',
  '/sip.js',
  '/webhooks/:provider',
  '/webhooks/:provider/:appId',
  '/ws',
  '/ws/call',
])
const files = /^\/(assets|docs)(\/|$)/

interface Route {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly uuids: { readonly path: string[]; readonly query: string[] }
}

const wrongOne = 'x'.repeat(40)
const environment = { RATE_LIMIT_CALLS: '100000', RATE_LIMIT_INTERNAL: '100000' }

/** The suite with its routes, but for those that answer to HEAD and OPTIONS. */
async function suiteWithRoutes(t: Test): Promise<{ suite: Suite; routes: Route[] }> {
  const routes: Route[] = []
  const onRoute = ({ method, url, schema }: RouteOptions): void => {
    for (const one of [method].flat()) {
      if (one === 'HEAD' || one === 'OPTIONS') continue
      const uuids = { path: uuidsOf(schema?.params), query: uuidsOf(schema?.querystring) }
      routes.push({ name: `${one} ${url}`, method: one, url, uuids })
    }
  }
  const suite = await build(t, { environment, onRoute })
  return { suite, routes }
}

function uuidsOf(schema: unknown): string[] {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { format?: string }> }
  return Object.keys(properties).filter((name) => properties[name]!.format === 'uuid')
}

const isInternal = ({ url }: Route): boolean => url.startsWith('/internal/')
const isOpen = ({ url }: Route): boolean => open.has(url) || files.test(url)
const parametersOf = ({ url }: Route): string[] =>
  [...url.matchAll(/:(\w+)\??/g)].map(([, name]) => name!)

interface Request {
  readonly route: Route
  /** Of the path, and what is not in it, of the query. */
  readonly values?: Readonly<Record<string, string>>
  readonly bearer?: string | null
}

async function ask({ url }: Suite, { route, values = {}, bearer = internalSecret }: Request) {
  const query = new URLSearchParams()
  let path = route.url.replaceAll('?', '')
  for (const [name, value] of Object.entries(values)) {
    if (!path.includes(`:${name}`)) query.set(name, value)
    path = path.replace(`:${name}`, encodeURIComponent(value))
  }
  const body = bodies[route.name] ?? things[route.name]?.body
  const response = await fetch(new URL(`${path}?${query.toString()}`, url), {
    method: route.method,
    headers: {
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await response.text()
  const problem = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>
  return { status: response.status, headers: [...response.headers], text, problem }
}

type Answer = Awaited<ReturnType<typeof ask>>

/** All of an answer but what was asked for, the number of the request and where a clock or a limit stands. */
function impression({ status, headers, text }: Answer, asked: string) {
  const kept = headers.filter(([name]) => !/^(date|ratelimit.*)$/.test(name))
  const said = text.replaceAll(asked, '…').replace(/"requestId":"[^"]*"/, '')
  // Of the same length as every other request's number, or not: that says nothing either.
  return { status, headers: kept.filter(([name]) => name !== 'content-length'), said }
}

const credentialOf = (route: Route, side: Side): string =>
  isInternal(route) ? internalSecret : side.token

t.test('every route asks for a credential, but for those that are known not to', async (t) => {
  const { suite, routes } = await suiteWithRoutes(t)
  const seen = new Set<string>()
  for (const route of routes) {
    seen.add(route.url)
    if (isOpen(route)) continue
    const values = Object.fromEntries(parametersOf(route).map((name) => [name, randomUUID()]))
    const without = await ask(suite, { route, values, bearer: null })
    const wrong = await ask(suite, { route, values, bearer: wrongOne })
    t.equal(without.status, 401, route.name)
    if (isInternal(route)) {
      const message = 'Missing or invalid Authorization header'
      t.match(without.problem, { error: 'Unauthorized', message }, route.name)
      t.equal(wrong.status, 403, route.name)
      const invalid = { error: 'Forbidden', message: 'Invalid authentication token' }
      t.match(wrong.problem, invalid, route.name)
    } else {
      t.match(without.problem, { code: 'auth_missing' }, route.name)
      t.match(wrong, { status: 401, problem: { code: 'auth_invalid' } }, route.name)
    }
  }
  const gone = [...open].filter((url) => !seen.has(url))
  t.strictSame(gone, [], 'what is known to be open is there')
})

t.test(
  'the operators’ secret opens no app, and an app’s token nothing of the operators',
  async (t) => {
    const { suite, routes } = await suiteWithRoutes(t)
    const [own] = await twoSides(suite)
    for (const route of routes.filter((one) => !isOpen(one))) {
      const values = Object.fromEntries(parametersOf(route).map((name) => [name, randomUUID()]))
      const bearer = isInternal(route) ? own.token : internalSecret
      t.equal((await ask(suite, { route, values, bearer })).status, isInternal(route) ? 403 : 401)
    }
  },
)

t.test('what belongs to another app is answered like what is not there', async (t) => {
  const { suite, routes } = await suiteWithRoutes(t)
  const [own, foreign] = await twoSides(suite)
  for (const route of routes.filter((one) => !isOpen(one))) {
    const named = parametersOf(route).filter((name) => name !== 'appId' && !(name in shared))
    const sample = things[route.name]
    if (!sample) {
      t.strictSame(named, [], `${route.name} needs a line in isolation-samples.ts`)
      continue
    }
    const thing = await sample.thing(foreign)
    const ids = Object.entries(thing)
    const absent = Object.fromEntries(ids.map(([name, id]) => [name, otherThan(id)]))
    const mine = { ...sample.place?.(own) }
    const bearer = credentialOf(route, own)
    const theirs = await ask(suite, { route, values: { ...mine, ...thing }, bearer })
    const nothing = await ask(suite, { route, values: { ...mine, ...absent }, bearer })
    const [[, asked] = ['', '']] = ids
    const [wanted] = Object.values(absent)
    t.strictSame(impression(theirs, asked), impression(nothing, wanted!), route.name)
    t.match(theirs, { status: 404, problem: { parameter: ids[0]![0] } }, route.name)
    const place = { ...sample.place?.(foreign) }
    const owner = { route, values: { ...place, ...thing }, bearer: credentialOf(route, foreign) }
    const { status } = await ask(suite, owner)
    t.ok(status >= 200 && status < 300, `${route.name} has it for its owner: ${status}`)
  }
  const known = new Set(routes.map(({ name }) => name))
  t.strictSame(
    Object.keys(things).filter((name) => !known.has(name)),
    [],
    'samples of routes',
  )
})

/** An id of the same form that nobody has. */
function otherThan(id: string): string {
  const uuid = randomUUID()
  return id.replace(/[0-9a-f]{8}-.{27}$/, uuid)
}

t.test('lists and filters of one app tell nothing of another', async (t) => {
  const { suite, routes } = await suiteWithRoutes(t)
  const [own, foreign] = await twoSides(suite)
  const ids = [
    await foreign.call(),
    await foreign.voicemail(),
    await foreign.delivery(),
    await foreign.apiKey(),
    await foreign.mapping(),
  ]
  const lists = routes.filter(
    (route) =>
      route.method === 'GET' &&
      !isOpen(route) &&
      parametersOf(route).every((name) => name === 'appId' || name in shared),
  )
  t.ok(lists.length > 5)
  for (const route of lists.filter(({ url }) => url !== '/internal/apps')) {
    const place = {
      ...(route.url.includes(':appId') && { appId: own.app }),
      ...pick(route, shared),
    }
    const range = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }
    const values = { ...place, ...(route.url === '/internal/replay' && range) }
    const { status, text } = await ask(suite, { route, values, bearer: credentialOf(route, own) })
    t.ok(status === 200 || status === 404, `${route.name}: ${status}`)
    t.notOk(ids.some((id) => text.includes(id)) || text.includes(foreign.app), route.name)
  }
  const followed = { name: 'GET /api/events', method: 'GET', url: '/api/events' } as Route
  for (const call of [ids[0]!, otherThan(ids[0]!)]) {
    const { text } = await ask(suite, { route: followed, values: { call }, bearer: own.token })
    t.match(text, '"events":[]')
  }
})

function pick(route: Route, values: Readonly<Record<string, string>>) {
  const named = parametersOf(route).filter((name) => name in values)
  return Object.fromEntries(named.map((name) => [name, values[name]!]))
}

t.test('an app that is not there is not found, whatever is asked of it', async (t) => {
  const { suite, routes } = await suiteWithRoutes(t)
  const ofApps = routes.filter((one) => isInternal(one) && parametersOf(one).includes('appId'))
  t.ok(ofApps.length > 5)
  for (const route of ofApps) {
    const ids = parametersOf(route).map((name) => [name, shared[name] ?? randomUUID()])
    const values = Object.fromEntries(ids) as Record<string, string>
    const { status, problem } = await ask(suite, { route, values })
    t.match({ status, ...problem }, { status: 404, code: 'app_not_found' }, route.name)
    t.match(problem, { parameter: 'appId' }, route.name)
  }
})

t.test('a malformed UUID is named before anything is looked for', async (t) => {
  const { suite, routes } = await suiteWithRoutes(t)
  const [own] = await twoSides(suite)
  let asked = 0
  for (const route of routes) {
    const { path, query } = route.uuids
    for (const parameter of [...path, ...query]) {
      // None of the others is there: only what is wrong with the request itself can be told.
      const absent = parametersOf(route).map((name) => [name, shared[name] ?? randomUUID()])
      const values = { ...(Object.fromEntries(absent) as object), [parameter]: 'not-a-uuid' }
      const bearer = credentialOf(route, own)
      const { status, problem } = await ask(suite, { route, values, bearer })
      const name = `${route.name} ${parameter}`
      t.match({ status, ...problem }, { status: 400, code: 'invalid_uuid', parameter }, name)
      asked += 1
    }
  }
  t.ok(asked > 10)
})
