import type { Socket } from 'node:net'

const lookMs = 1_000

/**
 * Resolves when all that was written has left, or `goOn` says that there is no use in waiting; it is asked once a
 * second.
 */
export async function drained(raw: Socket, goOn: () => boolean): Promise<void> {
  const left = new Promise<'left'>((resolve) => raw.write('', () => resolve('left')))
  while (goOn()) {
    if ((await within(lookMs, left)) === 'left') return
  }
}

/** What comes first: the promise's value, or undefined after so many milliseconds. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, ms, undefined)
  const first = await Promise.race([promise, late.promise])
  clearTimeout(timer)
  return first
}
