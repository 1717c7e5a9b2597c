import { randomUUID } from 'node:crypto'
import { openSipTraces } from '@switchhook/shared/sip-traces'
import { jwtSecret, type Suite } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { post, telnyxEvent, telnyxKeys } from '../kit/sender.ts'
import { signToken } from '../kit/token.ts'

/** One of two apps in a suite, and how it comes by what it has; each time something new. */
export interface Side {
  readonly app: string
  /** Of a supervisor. */
  readonly token: string
  call(): Promise<string>
  voicemail(): Promise<string>
  delivery(): Promise<string>
  apiKey(): Promise<string>
  mapping(): Promise<string>
  /** Of a user whose SIP is traced; its calls are called the same. */
  sipTrace(): Promise<string>
}

/** How a route is asked for one thing. */
interface Sample {
  /** Makes the thing: the parameters that name it, of the path or else of the query. */
  readonly thing: (side: Side) => Promise<Readonly<Record<string, string>>>
  /** Names no thing: the parameters that say where it is looked for, of the path or else of the query. */
  readonly place?: (side: Side) => Readonly<Record<string, string>>
  readonly body?: object
}

const call = async (side: Side) => ({ id: await side.call() })
const voicemail = async (side: Side) => ({ id: await side.voicemail() })
const delivery: Sample = {
  thing: async (side) => ({ id: await side.delivery() }),
  place: ({ app }) => ({ app }),
}
const mapping: Sample = {
  thing: async (side) => ({ id: await side.mapping() }),
  place: ({ app: appId }) => ({ appId }),
}

/** Every route that names one of an app's things. What is missing here fails the test. */
export const things: Readonly<Record<string, Sample>> = {
  'GET /api/calls/:id': { thing: call },
  'GET /api/calls/:id/events': { thing: call },
  'GET /api/voicemails/:id': { thing: voicemail },
  'PATCH /api/voicemails/:id': { thing: voicemail, body: { heard: true } },
  'GET /internal/deliveries/:id': delivery,
  'POST /internal/deliveries/:id/replay': delivery,
  'DELETE /internal/deliveries/:id': delivery,
  'DELETE /internal/apps/:appId/api-key/:keyId': {
    thing: async (side) => ({ keyId: await side.apiKey() }),
    place: ({ app: appId }) => ({ appId }),
  },
  'GET /internal/apps/:appId/user-mappings/:id': mapping,
  'PUT /internal/apps/:appId/user-mappings/:id': { ...mapping, body: { sub: 'u9' } },
  'DELETE /internal/apps/:appId/user-mappings/:id': mapping,
  'GET /api/sip-trace': { thing: async (side) => ({ call: await side.sipTrace() }) },
  'DELETE /api/sip-trace': { thing: async (side) => ({ aor: await side.sipTrace() }) },
}

/** What an app's own routes take, so that an absent app is the only thing wrong with a request. */
export const bodies: Readonly<Record<string, object>> = {
  'PATCH /internal/apps/:appId': { name: 'another' },
  'POST /internal/apps/:appId/revocations': { sub: 'u1' },
  'PUT /internal/apps/:appId/providers/:provider': { credentials: [telnyxKeys.publicKey] },
  'PUT /internal/apps/:appId/user-mappings': { kind: 'sip_user', value: '1001', sub: 'u1' },
}

/** Parameters that are names all apps share. */
export const shared: Readonly<Record<string, string>> = { provider: 'telnyx' }

/** Makes a second app, and hands out both. */
export async function twoSides(suite: Suite): Promise<readonly [own: Side, foreign: Side]> {
  const { url, app } = suite
  const { body } = await internal(url, '/apps', { method: 'POST', body: { name: 'foreign' } })
  const { id } = body as { id: string }
  const credentials = { credentials: [telnyxKeys.publicKey] }
  await internal(url, `/apps/${id}/providers/telnyx`, { method: 'PUT', body: credentials })
  return [await sideOf(suite, app.directory.firstApp.id), await sideOf(suite, id)]
}

async function sideOf({ url, app: server }: Suite, app: string): Promise<Side> {
  const deliver = async (): Promise<string> => {
    const call = `call-${randomUUID()}`
    await post(url, telnyxEvent({ call }), `/webhooks/telnyx/${app}`)
    return call
  }
  const made = async (path: string, method: string, body: object): Promise<string> => {
    const answer = await internal(url, `/apps/${app}/${path}`, { method, body })
    return (answer.body as { id: string }).id
  }
  return {
    app,
    token: await signToken(jwtSecret, { app, role: 'supervisor' }),
    call: deliver,
    async voicemail() {
      const details = { url: `https://example.com/${randomUUID()}` }
      const event = sampleEvent({ type: 'voicemail.received', callId: null, legId: null, details })
      await server.journal.append([sampleDelivery(app, [event])])
      const [{ id } = { id: '' }] = await server.journal.voicemails(app, 1)
      return id
    },
    async delivery() {
      await deliver()
      const { body } = await internal(url, `/deliveries?app=${app}&limit=1`)
      return (body as { items: { id: string }[] }).items[0]!.id
    },
    apiKey: () => made('api-key', 'POST', {}),
    mapping: () =>
      made('user-mappings', 'PUT', { kind: 'sip_user', value: randomUUID(), sub: 'u1' }),
    async sipTrace() {
      const traces = await openSipTraces(server.store, server)
      const aor = randomUUID()
      const trace = await traces.start({ app, aor, by: 'u1', lastsMs: 60_000 })
      const facts = { method: 'OPTIONS', from: aor, to: aor, upstream: 'phantom' }
      const address = {
        from: 'browser',
        upstream: 'phantom',
        address: '192.0.2.7',
        port: null,
      } as const
      const message = { ...address, startLine: 'OPTIONS', message: 'OPTIONS' }
      await traces.write([
        { app, trace: trace!.id, call: aor, at: Date.now() * 1_000, facts, message },
      ])
      return aor
    },
  }
}
