import { checkRoute } from '../../check.ts'
import type { Allowed } from '@switchhook/plugins/origin-check'
import type { FastifyInstance } from 'fastify'
import type { Hub } from '../hub.ts'

const schema = {
  tags: ['sockets'],
  operationId: 'checkSocket',
  summary: 'Why is my socket refused?',
  description:
    'What a WebSocket from here with these credentials would get. Always 200 and readable from every page: it tells a page what a refused handshake cannot.',
}

const example = {
  ok: false,
  code: 'auth_expired',
  message: 'The credential expired',
  fix: 'Fetch a fresh token and connect again.',
  origin: 'https://crm.example.com',
}

/** `GET /api/ws/check`: what a WebSocket to the hub would get. */
export async function hubCheckRoute(
  app: FastifyInstance,
  hub: Pick<Hub, 'assertRoom'>,
): Promise<void> {
  await checkRoute(app, {
    url: '/api/ws/check',
    limit: { name: 'checks', perMinute: 60 },
    schema,
    example,
    async assertAccepted(request, { allowed }) {
      hub.assertRoom(await app.authenticate(request, { spend: false }))
      return `A connection is accepted${endOf(allowed)}`
    },
  })
}

/** How long that origin may, if it has a last day. */
function endOf(allowed: Allowed | null): string {
  const { until = null, successor = null } = allowed ?? {}
  const end = until === null ? '' : `, from this origin until ${until}`
  return successor === null ? end : `${end}: go to ${successor}`
}
