/** How long work may take, and whether it is still wanted. */
export interface Deadline {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** What it fails with when it takes longer. */
  readonly late: () => Error
}

/**
 * Does work that heeds a signal. When its time is over or it is no longer wanted the signal aborts, and the work fails with
 * what `late` makes or the caller's reason. No timer and no listener outlives it.
 */
export async function within<T>(
  { timeoutMs, signal, late }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const ended = new AbortController()
  const unwanted = (): void => ended.abort(signal?.reason)
  const timer = setTimeout(() => ended.abort(late()), timeoutMs)
  signal?.addEventListener('abort', unwanted)
  try {
    return await work(ended.signal)
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', unwanted)
  }
}

/** Waits for what cannot be stopped no longer than until the signal aborts. */
export async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
