import { Type } from 'typebox'
import { CodedError, type Code } from '@switchhook/shared/errors'
import { callbackPath } from './config.ts'
import { browserHeaders, pages, sendPage, type Page } from './pages.ts'
import type { FastifyInstance } from 'fastify'
import type { DialpadConnections } from './connections.ts'

interface Query {
  Querystring: Readonly<Record<string, unknown>>
}

const parameter = (name: string, description: string) => ({
  [name]: Type.Optional(Type.Unknown({ description })),
})
const shown = {
  description: 'A page that says what became of it.',
  content: { 'text/html': { schema: Type.String() } },
}

const leaving = {
  tags: ['connections'],
  operationId: 'followConnectionLink',
  summary: 'Where a link to connect leads',
  description: 'For the browser of whoever consents: goes on to Dialpad.',
  querystring: Type.Object(parameter('state', 'The secret of the link.')),
  response: {
    200: shown,
    302: { description: 'To Dialpad.', type: 'null' },
  },
}

const returning = {
  tags: ['connections'],
  operationId: 'finishConnection',
  summary: 'Where Dialpad sends the browser back to',
  querystring: Type.Object({
    ...parameter('state', 'As it was sent.'),
    ...parameter('code', 'What the access is fetched with.'),
    ...parameter('error', 'Why there is no code.'),
  }),
  response: { 200: shown },
}

/** Of one address; a person needs two. */
const perMinute = 60

/** What may happen without anybody having done wrong here. */
const foreseen: Partial<Record<Code, Page>> = {
  connection_not_configured: pages.notConfigured,
  conflict: pages.inUse,
  rate_limited: pages.tooMany,
}

/** `/auth/dialpad` and what Dialpad calls back: for browsers, so every answer is a page. */
export async function publicRoutes(
  app: FastifyInstance,
  { dialpad }: { readonly dialpad: DialpadConnections },
): Promise<void> {
  // What only looks at a link must not spend it.
  const once = { exposeHeadRoute: false }
  const limit = app.limits.of('connections', perMinute)
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const coded = error instanceof CodedError ? error : null
      const page = coded && foreseen[coded.code]
      if (!page) request.log.error({ err: error }, 'connection failed')
      if (coded?.retryAfter !== undefined) reply.header('retry-after', coded.retryAfter)
      return sendPage(reply, page ?? pages.failed)
    })

    scope.addHook('onRequest', async (request, reply) => {
      const refusal = await limit.countAddress(request, reply)
      if (refusal) throw refusal
    })

    scope.get<Query>('/auth/dialpad', { ...once, schema: leaving }, async ({ query }, reply) => {
      const departure = await dialpad.depart(query['state'])
      if (!departure) return sendPage(reply, pages.usedLink)
      const { location, setCookie } = departure
      return reply
        .code(302)
        .headers({ ...browserHeaders, location, 'set-cookie': setCookie })
        .send()
    })

    scope.get<Query>(
      callbackPath,
      { ...once, schema: returning },
      async ({ query, headers, ip }, reply) => {
        const { page, setCookie } = await dialpad.arrive({ query, cookies: headers.cookie, ip })
        if (setCookie !== undefined) reply.header('set-cookie', setCookie)
        return sendPage(reply, page)
      },
    )
  })
}
