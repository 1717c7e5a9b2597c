import { Compile } from 'typebox/compile'
import { Type, type Static } from 'typebox'
import { cursorOf, defaultLimit, placeIn } from '../../paging.ts'
import { supervisorOf } from '../../rest.ts'
import { orUnavailable } from '../../within.ts'
import { Asked, Listing } from './schema.ts'
import type { FastifyInstance } from 'fastify'
import type { Registration } from '@switchhook/shared/registrations'
import type { Registrar } from './index.ts'

const schema = {
  summary: 'Who is registered',
  description:
    'The contacts that PBXs took from browsers through any of the sip-proxies, the newest first; for supervisors. One is listed from the answer of the PBX until it is over: by its time, by the browser, or because its socket closed.',
  operationId: 'listRegistrations',
  tags: ['sip'],
  querystring: Asked,
  response: { 200: Listing },
}

const cursors = Compile(
  Type.Tuple([
    Type.String({ format: 'date-time', maxLength: 40 }),
    Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  ]),
)

/** `GET /api/registrations`, in a scope of `rest`. */
export function registrationRoutes(scope: FastifyInstance, registrar: Registrar): void {
  scope.get<{ Querystring: Static<typeof Asked> }>(
    '/api/registrations',
    { schema },
    async (request) => {
      const { app } = supervisorOf(request)
      const { aor, user, upstream, limit = defaultLimit, cursor } = request.query
      const place = placeIn(cursor, cursors)
      const after = place ? { registeredAt: place[0], id: place[1] } : undefined
      const wanted = { app, aor: aor && canonical(aor), user, upstream, after }
      // One more tells whether there is another page.
      const found = await orUnavailable(registrar.list({ ...wanted, limit: limit + 1 }))
      const now = Date.now()
      const items = found.slice(0, limit)
      const last = items.at(-1)
      const next = found.length > limit && last ? cursorOf([last.registeredAt, last.id]) : null
      return { items: items.map((one) => shown(one, now)), next }
    },
  )
}

function shown(registration: Registration, now: number): Static<typeof Listing>['items'][number] {
  const { aor, contact, instance, userAgent, address, upstream, grantedSeconds } = registration
  const left = Math.ceil((Date.parse(registration.expiresAt) - now) / 1_000)
  return {
    aor,
    contact,
    shadowContact: null,
    instance,
    userAgent,
    address,
    upstream,
    grantedSeconds,
    remainingSeconds: Math.max(left, 0),
    shadow: null,
  }
}

/** As registrations are kept: with its scheme, the host in lower case. */
function canonical(aor: string): string {
  const [, scheme = 'sip', user = '', host = ''] = /^(?:(sips?):)?(.*@)?(.*)$/is.exec(aor) ?? []
  return `${scheme.toLowerCase()}:${user}${host.toLowerCase()}`
}
