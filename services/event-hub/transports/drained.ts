import { within } from '../../within.ts'
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
