import type { VoicemailRecord } from '../../projections/index.ts'

/** The place of a voicemail in the list. */
export interface VoicemailPosition {
  readonly receivedAt: string
  readonly id: string
}

export interface VoicemailFilter {
  readonly app: string
  readonly heard?: boolean | undefined
  /** Received then or later, and before then (RFC 3339, UTC, milliseconds). */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Of this call, by the id of its record. */
  readonly call?: string | undefined
  /** From or to one of these numbers or SIP users. */
  readonly numbers?: readonly string[] | undefined
  /** For this agent, by the `sub` of our user or as the provider names it. */
  readonly agent?: string | undefined
  /** With a part in it that is mapped to this user; another part may tell that it is somebody else's. */
  readonly user?: string | undefined
  /** Those behind this one. */
  readonly after?: VoicemailPosition | undefined
  readonly limit: number
}

/** What callers left, with what became of it. */
export interface Voicemails {
  /** Those that were left last first. */
  list(filter: VoicemailFilter): Promise<readonly VoicemailRecord[]>
  get(app: string, id: string): Promise<VoicemailRecord | undefined>
  /** The ids of a call's voicemails, at most the hundred that were left last, oldest first. */
  ofCall(app: string, call: string): Promise<readonly string[]>
  /** Lists some voicemails of a time before there were lists. @returns whether there may be more */
  listOld(): Promise<boolean>
}
