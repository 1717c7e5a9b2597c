import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t, { type Test } from 'tap'
import { loadConfig } from '@switchhook/shared/config'
import { allInOne, Config } from '@switchhook/services/all-in-one'
import { createServer } from '@switchhook/services/server'
import { internalSecret, jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { root } from '../kit/process.ts'
import { upstreamsFile } from '../kit/sip/sip-suite.ts'

type Schema = Record<string, unknown>

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly security: readonly Record<string, readonly string[]>[]
  readonly parameters?: readonly { name: string; description?: string }[]
  readonly responses: Record<string, { $ref?: string; description?: string }>
}

interface Document {
  readonly servers: readonly { url: string }[]
  readonly tags: readonly { name: string }[]
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: Record<string, Record<string, Schema>>
}

/** What is no API: sockets, which `/asyncapi.json` describes, and what browsers load. */
const hidden =
  /^(GET \/(ws(\/call)?|api\/sip-ws\/:upstream|s(dk|ip)\.js|docs(\/.*)?|assets\/.*|.*\.svg)?|OPTIONS .*|HEAD .*)$/

const verbs = new Set(['get', 'put', 'post', 'delete', 'patch'])

/** Starts the suite, and notes every route that it registers. */
async function start(t: Test, environment: Record<string, string> = {}) {
  const config = loadConfig(Config, {
    environment: {
      JWT_SECRET: jwtSecret,
      INTERNAL_API_SECRET: internalSecret,
      SECRETS_KEY: secretsKey,
      DATA_DIR: temporaryDir(t),
      SPOOL_LIMIT: '4194304',
      // With one alone, clients need not say which.
      SIP_UPSTREAMS_FILE: upstreamsFile(t, [{ name: 'pbx', targets: ['wss://pbx.example/ws'] }]),
      ...environment,
    },
  })
  const app = createServer({ log: { level: 'silent' }, trustProxy: [] })
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push(`${one} ${url}`)
  })
  await allInOne(app, { config, publicUrl: 'http://127.0.0.1:3000' })
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const response = await fetch(`${url}/openapi.json`, {
    headers: { origin: 'https://any.example' },
  })
  return { app, url, routes, response, document: (await response.json()) as Document }
}

function operationsOf({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([verb]) => verbs.has(verb))
      .map(([verb, operation]) => ({ name: `${verb.toUpperCase()} ${path}`, operation })),
  )
}

t.test('the document is OpenAPI 3.1, and every page may read it', async (t) => {
  const { document, response } = await start(t)
  const { valid, errors } = await new Validator().validate(structuredClone(document) as never)
  t.ok(valid, JSON.stringify(errors))
  t.match(document, { openapi: '3.1.0', servers: [{ url: 'http://127.0.0.1:3000' }] })
  t.equal(response.headers.get('access-control-allow-origin'), '*')
  t.equal(response.headers.get('cache-control'), 'no-cache')
})

t.test('every route is in the document, and every operation says what it is', async (t) => {
  const { document, routes } = await start(t)
  const operations = operationsOf(document)
  const named = new Set(operations.map(({ name }) => name))
  const shown = routes.filter((route) => !hidden.test(route))
  t.ok(shown.length > 25)
  for (const route of shown) t.ok(named.has(route.replaceAll(/:(\w+)/g, '{$1}')), route)
  const tags = new Set(document.tags.map(({ name }) => name))
  const ids = new Set<string>()
  for (const { name, operation } of operations) {
    t.match(operation.operationId, /^[a-z][A-Za-z]+$/, name)
    t.notOk(ids.has(operation.operationId), `${name}: ${operation.operationId} is its own`)
    ids.add(operation.operationId)
    t.ok(operation.summary, `${name} has a summary`)
    t.ok(Array.isArray(operation.security), `${name} says who may call it`)
    t.ok(operation.tags.length > 0 && operation.tags.every((tag) => tags.has(tag)), `${name} tags`)
    for (const { name: parameter, description } of operation.parameters ?? []) {
      t.ok(description, `${name}: ${parameter} is described`)
    }
    const answers = Object.entries(operation.responses)
    t.ok(
      answers.some(([status]) => /^[23]/.test(status)),
      `${name} has an answer`,
    )
    for (const [status, { $ref, description }] of answers) {
      t.ok($ref ?? description !== 'Default Response', `${name}: ${status} is described`)
    }
  }
})

t.test('who may call is what is asked for', async (t) => {
  const { document, url } = await start(t)
  for (const { name, operation } of operationsOf(document)) {
    const [method, path = ''] = name.split(' ')
    if (/^\/(webhooks|auth)\//.test(path)) continue
    const isOpen = operation.security.every((scheme) => Object.keys(scheme).length === 0)
    const isOptional = operation.security.some((scheme) => Object.keys(scheme).length === 0)
    const given = path.replaceAll(/\{\w+\}/g, '019aa46c-0a11-7ac9-9312-a62874e8e951')
    const { status } = await fetch(url + given, { method: method! })
    if (isOpen || isOptional) t.ok(status < 400, `${name} ${status}`)
    else t.equal(status, 401, name)
  }
})

t.test('what is shown as an example is allowed', async (t) => {
  const { document } = await start(t)
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ ...document, $id: 'https://switchhook/openapi.json' })
  let count = 0
  const check = (schema: Schema, example: unknown, name: string): void => {
    const validate = ajv.compile(rebased(schema))
    count += 1
    t.ok(
      validate(example),
      `${name}: ${JSON.stringify(example)} ${JSON.stringify(validate.errors)}`,
    )
  }
  const look = (value: unknown, name: string): void => {
    if (typeof value !== 'object' || value === null) return
    const { schema, example, examples } = value as { schema?: Schema } & Schema
    if (schema && example !== undefined) check(schema, example, name)
    if (schema && isRecord(examples)) {
      for (const one of Object.values(examples)) check(schema, (one as Schema)['value'], name)
    }
    if (!schema && Array.isArray(examples)) {
      for (const one of examples) check(value as Schema, one, name)
    }
    for (const [key, inner] of Object.entries(value)) look(inner, `${name}.${key}`)
  }
  look(document, '')
  t.ok(count > 10, `${count} examples`)
})

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A part of the document that stands alone. */
function rebased(schema: Schema): Schema {
  const text = JSON.stringify(schema)
  return JSON.parse(text.replaceAll('"#/', '"https://switchhook/openapi.json#/')) as Schema
}

t.test('with ADMIN_PORT the routes of operators say where they are', async (t) => {
  const { document, app } = await start(t, { ADMIN_PORT: '0' })
  const { port } = app.admin.server.address() as { port: number }
  for (const [path, item] of Object.entries(document.paths)) {
    const isTheirs = path.startsWith('/internal/') || path === '/metrics'
    const servers = (item as { servers?: readonly { url: string }[] }).servers
    t.strictSame(
      servers?.map(({ url }) => url),
      isTheirs ? [`http://127.0.0.1:${port}`] : undefined,
      path,
    )
  }
})

t.test('the document in the repository is the one that is served', async (t) => {
  const { document } = await start(t)
  const kept = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as Document
  t.strictSame(document, kept, 'else run node docs/generate.ts')
})
