import { CodedError, type Code } from '@switchhook/shared/errors'
import { callbackPath } from './config.ts'
import { browserHeaders, pages, sendPage, type Page } from './pages.ts'
import type { FastifyInstance } from 'fastify'
import type { DialpadConnections } from './connections.ts'

interface Query {
  Querystring: Readonly<Record<string, unknown>>
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
  const count = app.createRateLimit({
    max: perMinute,
    timeWindow: 60_000,
    keyGenerator: ({ ip }) => `connections ${ip}`,
  })
  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const coded = error instanceof CodedError ? error : null
      const page = coded && foreseen[coded.code]
      if (!page) request.log.error({ err: error }, 'connection failed')
      if (coded?.retryAfter !== undefined) reply.header('retry-after', coded.retryAfter)
      return sendPage(reply, page ?? pages.failed)
    })

    scope.addHook('onRequest', async (request) => {
      const counted = await count(request)
      if (counted.isAllowed || !counted.isExceeded) return
      const { ttlInSeconds: retryAfter } = counted
      throw new CodedError('rate_limited', { args: [retryAfter], retryAfter })
    })

    scope.get<Query>('/auth/dialpad', once, async ({ query }, reply) => {
      const departure = await dialpad.depart(query['state'])
      if (!departure) return sendPage(reply, pages.usedLink)
      const { location, setCookie } = departure
      return reply
        .code(302)
        .headers({ ...browserHeaders, location, 'set-cookie': setCookie })
        .send()
    })

    scope.get<Query>(callbackPath, once, async ({ query, headers, ip }, reply) => {
      const { page, setCookie } = await dialpad.arrive({ query, cookies: headers.cookie, ip })
      if (setCookie !== undefined) reply.header('set-cookie', setCookie)
      return sendPage(reply, page)
    })
  })
}
