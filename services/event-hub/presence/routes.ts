import { Type } from 'typebox'
import { PresenceEntry as Entry } from '@switchhook/shared/messages'
import { principalOf } from '../../rest.ts'
import type { FastifyInstance } from 'fastify'
import type { PresenceEntry } from '@switchhook/shared/protocol'
import type { Presence } from './index.ts'

const Page = Type.Object(
  { items: Type.Array(Entry), next: Type.Null({ description: 'There is one page.' }) },
  { description: 'All agents that are known, by name.' },
)

/**
 * `GET /api/presence`: who is there, by name. For agents as well: whom a call can be given to is for those who take calls.
 */
export function presenceRoutes(app: FastifyInstance, presence: Presence): void {
  const schema = {
    tags: ['presence'],
    operationId: 'listPresence',
    summary: 'Who is there',
    description: 'Agents may ask too: whom a call can be given to is for those who take calls.',
    response: { 200: Page },
  }
  app.get('/api/presence', { schema }, async (request) => {
    const principal = principalOf(request)
    const items = presence.list(principal.app).toSorted(byName)
    return { items, next: null }
  })
}

function byName(one: PresenceEntry, two: PresenceEntry): number {
  return one.name.localeCompare(two.name) || (one.agent < two.agent ? -1 : 1)
}
