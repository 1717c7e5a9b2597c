import { openConnections } from '@switchhook/shared/connections'
import { repeatedly } from '../care/repeatedly.ts'
import { dialpadConnections } from './connections.ts'
import { internalRoutes } from './internal-routes.ts'
import { publicRoutes } from './public-routes.ts'
import type { FastifyInstance } from 'fastify'
import type { Options } from './config.ts'
import type { Secrets } from './set-up.ts'

export { connectionMistakes, Options } from './config.ts'

interface Parts {
  readonly config: Options
  /** What browsers and Dialpad call us, without a trailing slash. */
  readonly publicUrl: string
  /** Unix milliseconds. */
  readonly now: () => number
}

const everyMs = 15_000
/** Of one endpoint; the oldest go, for nothing was signed with them for longest. */
const mostSecrets = 8

/** Apps' connections to Dialpad: the routes that make them, and what keeps them. */
export async function connectDialpad(app: FastifyInstance, parts: Parts): Promise<void> {
  const { directory, audit, log } = app
  const dialpad = dialpadConnections({
    ...parts,
    connections: openConnections<Secrets>(app.store, app.sealing),
    directory,
    audit,
    log,
    saveCredential: (...of) => saveCredential(app, ...of),
  })
  await app.internal((scope) => internalRoutes(scope, { dialpad, directory }))
  await publicRoutes(app, { dialpad })
  repeatedly(app, { everyMs, name: 'completing connections' }, dialpad.completeDue)
}

/** Deliveries signed with what was there before go on. */
async function saveCredential(
  { credentials: all }: FastifyInstance,
  ...[app, provider, secret]: [app: string, provider: string, secret: string]
): Promise<void> {
  const { credentials = [], settings = {} } = all.of(app, provider) ?? {}
  if (credentials.includes(secret)) return
  const given = [secret, ...credentials].slice(0, mostSecrets)
  await all.put(app, provider, { credentials: given, settings })
}
