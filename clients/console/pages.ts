import type { ComponentType } from 'preact'
import { Access } from './access/access.tsx'
import { Calls } from './calls/calls.tsx'
import { Connections } from './connections/connections.tsx'
import { Deliveries } from './deliveries/deliveries.tsx'
import { Live } from './live/live.tsx'
import { Registrations } from './registrations/registrations.tsx'
import { SipTrace } from './sip-trace/sip-trace.tsx'
import { TryIt } from './try-it/try-it.tsx'
import { Voicemails } from './voicemails/voicemails.tsx'
import type { Credential } from './api/credential.ts'
import type { PageProps } from './page.ts'
import type { PageName } from './route.ts'

export interface PageEntry {
  readonly page: PageName
  readonly title: string
  /** The credential without which there is nothing to see. */
  readonly needs: Credential['kind']
  readonly Page: ComponentType<PageProps>
}

/** All pages, in the order of the navigation. */
export const pages: readonly PageEntry[] = [
  { page: 'live', title: 'Live', needs: 'token', Page: Live },
  { page: 'calls', title: 'Calls', needs: 'token', Page: Calls },
  { page: 'voicemails', title: 'Voicemails', needs: 'token', Page: Voicemails },
  { page: 'registrations', title: 'Registrations', needs: 'token', Page: Registrations },
  { page: 'sip-trace', title: 'SIP trace', needs: 'token', Page: SipTrace },
  { page: 'deliveries', title: 'Deliveries', needs: 'secret', Page: Deliveries },
  { page: 'connections', title: 'Connections', needs: 'secret', Page: Connections },
  { page: 'access', title: 'Access', needs: 'secret', Page: Access },
  { page: 'try', title: 'Try it', needs: 'token', Page: TryIt },
]
