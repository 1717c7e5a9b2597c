import { sealPlace } from '@switchhook/shared/journal'
import type { SealedTable } from '@switchhook/shared/sealing'

type Values = readonly string[]

/** Whatever lies sealed in the store; what is in the spool goes into it before long. */
export const sealedTables: readonly SealedTable[] = [
  ...['provider_credentials', 'connections'].map((name) => ({
    name,
    order: ['app', 'provider'],
    place: (...[app, provider]: Values) => `${name}/${app}/${provider}`,
  })),
  {
    name: 'consents',
    order: ['id', 'app'],
    place: (...[id, app]: Values) => `consents/${app}/${id}`,
  },
  {
    name: 'deliveries',
    order: ['app', 'received_at', 'id'],
    place: (...[app, , id]: Values) => sealPlace(app!, id!),
  },
]
