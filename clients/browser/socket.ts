/** The part of a WebSocket that is used here; those of browsers, Electron, Node and `ws` all have it. */
export interface HubSocket {
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(
    type: 'close',
    listener: (event: { code: number; reason: string }) => void,
  ): void
}

export type HubSocketConstructor = new (url: string, protocols: string[]) => HubSocket

/** Time and chance: tests bring their own. */
export interface Clock {
  now(): number
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
  /** From 0 up to, not including, 1. */
  random(): number
}

/** The clock on the wall. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
  random: () => Math.random(),
}
