/** A time that only goes forward, and what is done later in it. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number
  /** @returns calls it off */
  after(ms: number, run: () => void): () => void
}

/** That of the process, which is not kept alive by what is still to be done. */
export const processClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  },
}
