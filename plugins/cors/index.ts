import fp from 'fastify-plugin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Of every answer that another origin's page may read. */
const readable = {
  'access-control-expose-headers': [
    'RateLimit',
    'RateLimit-Limit',
    'RateLimit-Policy',
    'RateLimit-Remaining',
    'RateLimit-Reset',
    'Retry-After',
    'X-Switchhook-Cursor',
  ].join(', '),
}

const sendable = [
  'Authorization',
  'Content-Type',
  'X-App-Api-Key',
  'Idempotency-Key',
  'Last-Event-ID',
]

/** How long a browser may keep the answer to a preflight, seconds. */
const maxAge = 600

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Lets pages of allowed origins use the routes of the scope it is registered in, and of its children. What others
 * ask for their browser keeps from them (Fetch standard, CORS protocol); what they would change is refused here, for
 * a form needs no preflight. There are no cookies, so credentials are not allowed. Register it before hooks that ask
 * for a credential: a preflight has none.
 */
async function cors(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    // A handshake is no CORS request: its route asks for the verdict itself.
    if (request.ws) return
    const { origin } = request.headers
    reply.header('vary', 'Origin')
    if (origin === undefined) return
    const { refusal } = app.originVerdict(request)
    if (!refusal) reply.headers({ 'access-control-allow-origin': origin, ...readable })
    else if (!safe.has(request.method) || isPreflight(request)) throw refusal
  })
  answerPreflights(app)
}

/** Lets any page read the routes of a scope: for what says no more than anybody may know. */
export function readableFromAnywhere(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'access-control-allow-origin': '*', ...readable })
  })
  answerPreflights(app)
}

/** Gives each address of the scope an OPTIONS route that knows the methods of its neighbours. */
function answerPreflights(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>()
  const methodsOf = ({ routeOptions: { url = '' } }: FastifyRequest): string =>
    [...(methods.get(url) ?? [])].join(', ')
  // In a hook, not in the route: whoever asks for a credential comes later.
  app.addHook('onRequest', async (request, reply) =>
    isPreflight(request) ? permit(reply, methodsOf(request)) : undefined,
  )
  app.addHook('onRoute', ({ url, method }) => {
    if (method === 'OPTIONS') return
    const known = methods.get(url)
    methods.set(url, new Set([...(known ?? []), method].flat()))
    if (known) return
    app.options(url.slice(app.prefix.length) || '/', (request, reply) =>
      reply
        .code(204)
        .header('allow', `${methodsOf(request)}, OPTIONS`)
        .send(),
    )
  })
}

const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined

function permit(reply: FastifyReply, methods: string): FastifyReply {
  return reply
    .code(204)
    .headers({
      'access-control-allow-methods': methods,
      'access-control-allow-headers': sendable.join(', '),
      'access-control-max-age': maxAge,
    })
    .send()
}

export default fp(cors, { name: 'cors', fastify: '5.x', dependencies: ['origin-check'] })
