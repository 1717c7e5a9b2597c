import type { Calls, Voicemails } from '@switchhook/shared/journal'
import type { Mappings } from '@switchhook/shared/mappings'

/** What the routes of calls need. */
export interface CallParts {
  readonly calls: Calls
  readonly voicemails: Voicemails
  readonly mappings: Mappings
  /** The journal's. */
  readonly epoch: string
}
