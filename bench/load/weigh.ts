import { collected, openControl } from './server.ts'
import type { Ready } from '../peers/control.ts'

/** Resident bytes per idle connection, or why there is no such number. */
export interface Weight {
  readonly bytes: number | null
  readonly fault: string | null
}

/** The first ones load code and warm it up; they are not weighed. */
const first = 100

/** What a connection weighs in a server. @param grow opens more, until there are so many */
export async function weigh(
  target: Ready,
  size: number,
  grow: (to: number) => Promise<void>,
): Promise<Weight> {
  const control = await openControl(target)
  try {
    await grow(first)
    const before = await collected(control, target.pid)
    await grow(size)
    const bytes = ((await collected(control, target.pid)) - before) / (size - first)
    return { bytes, fault: null }
  } catch (error) {
    return { bytes: null, fault: error instanceof Error ? error.message : String(error) }
  } finally {
    control.destroy()
  }
}
