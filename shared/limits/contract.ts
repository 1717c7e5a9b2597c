/** How often a key was seen since its window began, this time included. */
export interface Tally {
  readonly count: number
  /** Until the window ends and the count begins anew, milliseconds. */
  readonly resetMs: number
}

/** How long a window is. */
export const windowMs = 60_000
