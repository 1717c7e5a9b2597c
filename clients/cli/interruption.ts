/** Ctrl-C arrives once from the terminal and once more from a package manager in between. */
const echoMs = 1_000

/** Calls back for each signal that asks us to end, without echoes. @returns a function that stops listening */
export function onInterruption(react: (signal: 'SIGINT' | 'SIGTERM') => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  const once = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const now = performance.now()
    if (now - last < echoMs) return
    last = now
    react(signal)
  }
  const handlers = [
    ['SIGINT', () => once('SIGINT')],
    ['SIGTERM', () => once('SIGTERM')],
    // The terminal was closed.
    ['SIGHUP', () => once('SIGTERM')],
  ] as const
  for (const [signal, handler] of handlers) process.on(signal, handler)
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}
