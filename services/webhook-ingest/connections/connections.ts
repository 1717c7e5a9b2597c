import { CodedError } from '@switchhook/shared/errors'
import { conclude, type Callback } from './callback.ts'
import { clientOf, type Options } from './config.ts'
import { consentsOf, consentSeconds } from './consents.ts'
import { Keeper } from './keeper.ts'
import { pages, type Page } from './pages.ts'
import { provider, type Parts } from './parts.ts'
import type { By } from '@switchhook/shared/audit'
import type { Target } from './dialpad/subscriptions.ts'
import type { OAuthClient } from './dialpad/tokens.ts'

/** What connections are made with. */
export interface ConnectionParts extends Omit<Parts, 'client' | 'now'> {
  readonly config: Options
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** What the browser is answered. */
interface Answer {
  readonly page: Page
  readonly setCookie?: string
}

/** Apps' connections to Dialpad: how they come about, are kept, shown and ended. */
export type DialpadConnections = ReturnType<typeof dialpadConnections>

export function dialpadConnections({ config, ...given }: ConnectionParts) {
  const publicUrl = given.publicUrl.replace(/\/+$/, '')
  const client = (): OAuthClient => configured(config)
  const parts: Parts = { ...given, publicUrl, now: given.now ?? Date.now, client }
  const { connections, audit, log } = parts
  const consents = consentsOf(parts)
  const keeper = new Keeper(parts)
  return {
    /** A one-use link for whoever may consent. @throws CodedError `connection_not_configured` */
    async link(app: string, target: Target | null, by: By) {
      client()
      const url = await consents.link(app, target)
      const entry = { app, action: 'connection.link_created', ...by }
      await audit.record({ ...entry, target: provider })
      return { url, expiresIn: consentSeconds }
    },

    /** Where a browser with a link goes; null if it is spent. @throws CodedError `connection_not_configured` */
    depart: async (secret: unknown) => consents.depart(secret, client()),

    /** What becomes of a browser that Dialpad sends back. */
    async arrive(callback: Callback): Promise<Answer> {
      const returned = await consents.arrive(callback.query['state'], callback.cookies)
      if (!returned) return { page: pages.unknownState }
      const page = await conclude(returned, callback, { ...parts, keeper })
      return { page, setCookie: returned.setCookie }
    },

    /** An app's connections, without secrets. */
    async list(app: string) {
      const items = await connections.list(app)
      return items.map((item) => ({
        provider: item.provider,
        status: item.status,
        reason: item.reason,
        expiresAt: item.expiresAt,
        connectedAt: item.connectedAt,
        webhookId: item.webhookId,
        subscriptionId: item.subscriptionId,
      }))
    },

    /** Ends a connection. @throws CodedError `connection_not_found` */
    async remove(app: string, by: By): Promise<void> {
      const left = await keeper.remove(app)
      if (!left) throw new CodedError('connection_not_found', { args: [provider] })
      if (left.length > 0) log.warn({ app, provider, left }, 'connection removed here only')
      const entry = { app, action: 'connection.removed', ...by, detail: { left } }
      await audit.record({ ...entry, target: provider })
    },

    /** See `Keeper.accessToken`. */
    accessToken: (app: string) => keeper.accessToken(app),

    /** Completes connections whose time has come; nothing while no client is configured. */
    async completeDue(stopping: AbortSignal): Promise<void> {
      if (!('missing' in clientOf(config))) await keeper.completeDue(stopping)
    },
  }
}

function configured(config: Options): OAuthClient {
  const client = clientOf(config)
  if (!('missing' in client)) return client
  const names = client.missing.join(', ')
  throw new CodedError('connection_not_configured', { args: [names, names] })
}
