import type { Socket } from 'node:net'
import type { Line } from '../session/door.ts'

export interface DrainLimits {
  /** A client that lets nothing leave for so long does not read. */
  readonly stallSeconds: number
}

/** Resolves when all that was written has left, or the line is closed: at the latest for not reading. */
export async function drained(
  line: Line,
  raw: Socket,
  { stallSeconds }: DrainLimits,
): Promise<void> {
  if (!line.open) return
  const left = new Promise<'left'>((resolve) => raw.write('', () => resolve('left')))
  while (line.open) {
    const before = line.waiting
    if ((await within(stallSeconds * 1_000, left)) === 'left') return
    if (line.waiting >= before) line.close('slow', `slow ${before}`)
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
