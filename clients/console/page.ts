import type { Credential } from './api/credential.ts'
import type { Route } from './route.ts'
import type { Store } from './store.ts'

/** What every page is given. */
export interface PageProps {
  /** Of the kind the page needs. */
  readonly credential: Credential
  readonly route: Route
  /** The live calls; null without a user's token. */
  readonly store: Store | null
}
