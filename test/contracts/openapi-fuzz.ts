import { request as ask } from 'node:http'
import { text } from 'node:stream/consumers'
import { errorCodes } from '@switchhook/shared/errors'
import { build, internalSecret, jwtSecret, type Suite } from '../kit/build.ts'
import { hostileText, valueFor, type Schema } from '../kit/hostile.ts'
import { internal } from '../kit/internal.ts'
import { seeded } from '../kit/random.ts'
import { signToken } from '../kit/token.ts'
import type { Test } from 'tap'

interface Operation {
  readonly parameters?: readonly {
    readonly name: string
    readonly in: 'path' | 'query' | 'header'
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Request {
  readonly method: string
  readonly path: string
  readonly body: string | null
}

/** They answer to nobody who does not stay. */
const streams = new Set(['/events'])
const perOperation = 60
const settings = {
  RATE_LIMIT_CALLS: '1000000',
  RATE_LIMIT_INTERNAL: '1000000',
  CLIENT_ID: 'client',
  CLIENT_SECRET: 'secret',
  REDIRECT_URI: 'http://127.0.0.1:3000/auth/dialpad/callback',
  // Nobody answers there.
  DIALPAD_BASE_URL: 'http://127.0.0.1:9',
}

/** Sends what nobody with good will sends to every route that the description names. */
export function openapiFuzz(t: Test, environment: Record<string, string>, seed: number): void {
  t.test(`no route fails, whatever it is sent (seed ${seed})`, async (t) => {
    const suite = await build(t, { environment: { ...settings, ...environment } })
    const token = await signToken(jwtSecret, { app: suite.app.directory.firstApp.id })
    const { body } = await internal(suite.url, '/apps', { method: 'POST', body: { name: 'other' } })
    const { id: appId } = body as { id: string }
    const random = seeded(seed)
    const accepted = new Set<string>()
    for (const [route, operation] of operationsOf(suite)) {
      for (let round = 0; round < perOperation; round += 1) {
        const request = requestFor(route, operation, { random, appId })
        const answer = await send(suite.url, request, token)
        if (!isFine(answer)) t.fail(JSON.stringify({ request, answer }).slice(0, 1_500))
        if (answer.status < 400) accepted.add(`${route.method} ${route.path}`)
      }
    }
    t.ok(accepted.size > 25, `${accepted.size} operations took something`)
    t.equal((await fetch(`${suite.url}/readyz`)).status, 200)
    t.equal(Reflect.get({}, 'admin'), undefined)
  })
}

interface Route {
  readonly method: string
  readonly path: string
}

function operationsOf({ app }: Suite): [Route, Operation][] {
  const { paths } = app.swagger() as unknown as Document
  return Object.entries(paths)
    .filter(([path]) => !streams.has(path))
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]): [Route, Operation] => [
        { method: method.toUpperCase(), path },
        operation,
      ]),
    )
}

function requestFor(
  { method, path }: Route,
  { parameters = [], requestBody }: Operation,
  { random, appId }: { readonly random: () => number; readonly appId: string },
): Request {
  const addressed = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (random() < 0.3) return encoded(hostileText(random))
    if (name === 'appId') return appId
    const schema = parameters.find((one) => one.in === 'path' && one.name === name)!.schema
    return encoded(String(name === 'provider' ? 'telnyx' : valueFor(schema, random)))
  })
  const query = parameters
    .filter((one) => one.in === 'query' && random() < 0.4)
    .flatMap(({ name, schema }) => {
      const pair = `${name}=${encoded(String(valueFor(schema, random)))}`
      return random() < 0.1 ? [pair, pair] : [pair]
    })
  if (random() < 0.05) query.push(`${encoded(hostileText(random))}=${encoded(hostileText(random))}`)
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema
  const body = schema ? JSON.stringify(valueFor(schema, random)) : null
  const cut = body !== null && random() < 0.03 ? body.slice(0, -1) : body
  return { method, path: query.length ? `${addressed}?${query.join('&')}` : addressed, body: cut }
}

/** As a program may that knows nothing of Unicode; sometimes as one that does not even escape. */
function encoded(given: string): string {
  const octets = Buffer.concat(
    Array.from(given.slice(0, 4_000).split(''), (unit) =>
      /[\ud800-\udfff]/.test(unit) ? Buffer.of(0xed, 0xa0, 0x80) : Buffer.from(unit),
    ),
  )
  return octets.toString('latin1').replaceAll(/[^\w.~-]/g, (octet) => {
    return `%${octet.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

async function send(url: string, { method, path, body }: Request, token: string): Promise<Answer> {
  const isInternal = path.startsWith('/internal')
  const options = {
    method,
    headers: {
      authorization: `Bearer ${isInternal ? internalSecret : token}`,
      ...(body !== null && { 'content-type': 'application/json' }),
    },
    signal: AbortSignal.timeout(30_000),
  }
  return new Promise((resolve, reject) => {
    const sent = ask(url + path, options, (response) => {
      const { statusCode = 0, headers } = response
      const type = headers['content-type'] ?? ''
      text(response).then((given) => resolve({ status: statusCode, type, body: given }), reject)
    })
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}

/** It did what was asked, or said in a word of the one table why not. */
function isFine({ status, type, body }: Answer): boolean {
  if (status < 400) return true
  if (type.startsWith('text/html')) return status < 500
  if (!type.startsWith('application/problem+json')) return false
  const { code } = JSON.parse(body) as { code: string }
  return code !== 'internal' && Object.hasOwn(errorCodes, code)
}
