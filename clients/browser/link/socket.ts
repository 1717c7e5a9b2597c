/** The part of a WebSocket that is used here; those of browsers, Electron, Node and `ws` all have it. */
export interface HubSocket {
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'error', listener: () => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void
}

export type HubSocketConstructor = new (url: string, protocols: string[]) => HubSocket

/** Time and chance: tests bring their own. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number
  /** Runs something later. @returns what calls it off */
  after(ms: number, run: () => void): () => void
  /** From 0 up to, not including, 1. */
  random(): number
}

/** The clock on the wall. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}
