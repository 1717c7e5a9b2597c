import { Type } from 'typebox'
import { checkRoute } from '../../check.ts'
import { Query } from '../../paging.ts'
import { admit } from '../admission/index.ts'
import { Probe } from './probe.ts'
import type { FastifyInstance } from 'fastify'
import type { Door } from '../admission/door.ts'

const schema = {
  tags: ['sip'],
  operationId: 'checkSip',
  summary: 'Why is my phone not connected?',
  description:
    'What a SIP socket from here with these credentials would get: whether it is let in, and whether the PBX answers. Always 200 and readable from every page: it tells a page what a refused handshake cannot.',
  querystring: Query({
    upstream: Type.Optional(
      Type.String({ description: 'A name or an id, as in `/api/sip-ws/:upstream`.' }),
    ),
  }),
}

const example = {
  ok: false,
  code: 'upstream_bad_request',
  message: 'pbx.example.com:8089 answers 400 to the WebSocket handshake',
  fix: 'Its path or its subprotocol is another one: switchhook doctor sip finds out which.',
  origin: 'https://crm.example.com',
}

/** `GET /api/sip-check?upstream=`: what a SIP socket would get, from us and from the PBX. */
export async function sipCheckRoute(app: FastifyInstance, door: Door): Promise<void> {
  const probe = new Probe(door.reach)
  app.addHook('preClose', async () => probe.close())
  await checkRoute(app, {
    url: '/api/sip-check',
    // Behind one may be an office, of which all phones ask when the PBX is away.
    limit: { name: 'sip-checks', perMinute: 600 },
    schema,
    example,
    async assertAccepted(request, { origin }) {
      const { upstream = '' } = request.query as { upstream?: string }
      const { route } = await admit(request, door.upstreams, { upstream, origin, spend: false })
      door.places.assertRoomAt(route.upstream)
      await probe.assertReachable(route)
      return 'A connection is accepted, and leads to the PBX'
    },
  })
}
