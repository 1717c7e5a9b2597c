import type { Socket } from 'node:net'

/** Tells a peer that reads slowly from one that does not read at all. */
export class Stall {
  readonly #raw: Socket
  readonly #limitMs: number
  #left = -1
  /** When something left last, as far as anybody looked; Unix milliseconds. */
  #at = 0

  constructor(raw: Socket, limitSeconds: number) {
    this.#raw = raw
    this.#limitMs = limitSeconds * 1_000
  }

  /** Whether bytes wait and none has left for too long, judged by the looks so far. */
  check(now: number): boolean {
    const left = leftOf(this.#raw)
    if (this.#raw.writableLength === 0 || left !== this.#left) {
      this.#left = left
      this.#at = now
      return false
    }
    return now - this.#at >= this.#limitMs
  }
}

/** A number that changes when bytes leave, also in the middle of a large write, of which only libuv knows. */
function leftOf(raw: Socket): number {
  const { _handle: handle } = raw as { _handle?: { readonly writeQueueSize?: number } | null }
  return raw.bytesWritten - raw.writableLength - (handle?.writeQueueSize ?? 0)
}
