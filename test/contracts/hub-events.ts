import { connect, type Client } from '../kit/client.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { signToken } from '../kit/token.ts'
import { jwtSecret, type Suite } from '../kit/build.ts'
import type { FastifyInstance } from 'fastify'
import type { CallEvent } from '@switchhook/shared/events'
import type { JournalRow } from '@switchhook/shared/journal'

/** Commits events, each in a delivery of its own, and says nothing on the bus. @returns them numbered */
export async function commit(
  app: FastifyInstance,
  events: readonly Partial<CallEvent>[],
  id = app.directory.firstApp.id,
): Promise<JournalRow[]> {
  const batch = events.map((event) => sampleDelivery(id, [sampleEvent(event)]))
  const appended = await app.journal.append(batch)
  return appended.flatMap((one) => (one.status === 'accepted' ? one.rows : []))
}

/** Commits events and announces them, all at once. */
export async function publish(
  app: FastifyInstance,
  events: readonly Partial<CallEvent>[],
  id = app.directory.firstApp.id,
): Promise<JournalRow[]> {
  const rows = await commit(app, events, id)
  app.bus.publish(id, rows)
  return rows
}

/** An event of about 50 kB. */
export function large(options: Partial<CallEvent> = {}): Partial<CallEvent> {
  return { details: { text: 'x'.repeat(50_000) }, ...options }
}

/** What makes an event the call of somebody the provider names. */
export function of(agent: string): Partial<CallEvent> {
  return { agent: { id: agent, email: null, name: null } }
}

/** Maps provider users `p-u1`, `p-u2` … to the users without the prefix. */
export async function mapUsers(
  { app }: Pick<Suite, 'app'>,
  users: readonly string[],
  team: string | null = null,
): Promise<void> {
  const provider = 'telnyx'
  const mapped = users.map((sub) => ({ kind: 'provider_user' as const, value: `p-${sub}`, sub }))
  await app.mappings.put(
    app.directory.firstApp.id,
    mapped.map((mapping) => ({ ...mapping, provider, team })),
  )
}

/** A modern socket of an agent; what it is greeted with has been read. */
export async function agent(
  url: string,
  sub: string,
  { path = '/ws', ...claims }: { path?: string } & Record<string, unknown> = {},
): Promise<Client> {
  const token = await signToken(jwtSecret, { sub, role: 'agent', email: undefined, ...claims })
  const client = await connect(url, { token, modern: true, path })
  await client.nextNamed('connected')
  return client
}

/** A modern socket of a supervisor; what it is greeted with has been read. */
export async function supervisor(
  { url, token }: Pick<Suite, 'url' | 'token'>,
  path = '/ws',
): Promise<Client> {
  const client = await connect(url, { token, modern: true, path })
  await client.nextNamed('connected')
  return client
}

/** The calls of the events up to one of call `end`, which is not among them. */
export async function callsUntil(client: Client, end: string): Promise<(string | null)[]> {
  const calls: (string | null)[] = []
  for (;;) {
    const [frame] = await client.nextEvents(1)
    if (frame!.call === end) return calls
    calls.push(frame!.call!)
  }
}
