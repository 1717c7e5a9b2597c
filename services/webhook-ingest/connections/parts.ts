import type { FastifyBaseLogger } from 'fastify'
import type { Audit } from '@switchhook/shared/audit'
import type { Connections } from '@switchhook/shared/connections'
import type { Directory } from '@switchhook/shared/directory'
import type { OAuthClient } from './dialpad/tokens.ts'
import type { Secrets } from './set-up.ts'

/** The provider, as its webhooks, credentials and connections are called. */
export const provider = 'dialpad'

/** What connections are kept with. */
export interface Parts {
  /** What browsers and Dialpad call us, without a trailing slash. */
  readonly publicUrl: string
  readonly connections: Connections<Secrets>
  readonly directory: Pick<Directory, 'find'>
  readonly audit: Pick<Audit, 'record'>
  /**
   * Adds a secret to those that the app's deliveries of the provider may be signed with, next to what it has. Is
   * called again with the same one whenever a connection is completed.
   */
  readonly saveCredential: (app: string, provider: string, secret: string) => Promise<void>
  readonly log: FastifyBaseLogger
  /** Unix milliseconds. */
  readonly now: () => number
  /** @throws CodedError `connection_not_configured` */
  readonly client: () => OAuthClient
}
