import type { Agent } from '@switchhook/shared/events'

/** A voicemail as `GET /api/voicemails` tells it. */
export interface Voicemail {
  readonly id: string
  readonly call: string | null
  /** The provider did not tell the call: it seems to be this missed one. */
  readonly linked: boolean
  readonly from: string | null
  readonly to: string | null
  readonly provider: string
  readonly agent: Agent | null
  readonly received_at: string
  readonly duration_ms: number | null
  /** `url` null: the link has expired. */
  readonly recording: { readonly url: string | null; readonly expires_at: string | null } | null
  readonly transcript: string | null
  readonly heard: boolean
  readonly heard_at: string | null
  readonly heard_by: string | null
}
