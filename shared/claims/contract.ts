/** What somebody may have for himself: one action on one call, such as its screen-pop. */
export interface ClaimKey {
  readonly app: string
  readonly call: string
  readonly action: string
}

/** A claim as it is asked for. */
export interface ClaimRequest extends ClaimKey {
  /** Who asks; the same one asking again is granted, and extended. */
  readonly by: string
  /** How long it holds; 30 s unless given, and at most. */
  readonly ttlMs?: number
}

export interface ClaimAnswer {
  readonly granted: boolean
  /** Who has it. */
  readonly by: string
}

/**
 * Of all who ask for the same, in whatever process, exactly one gets it, until it is released, the time is over, or the
 * call is. The times are those of the hubs' clocks, which may differ by less than a claim lasts.
 */
export interface Claims {
  claim(request: ClaimRequest): Promise<ClaimAnswer>
  /** @returns whether it was held by this one */
  release(key: ClaimKey & Pick<ClaimRequest, 'by'>): Promise<boolean>
  /** Takes away whatever was claimed of these calls. */
  endOfCall(app: string, calls: readonly string[]): Promise<void>
}
