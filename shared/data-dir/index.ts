import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

export { lockDataDir } from './lock.ts'

/**
 * Makes a directory that only we can enter, and those above it. One that exists stays as it is.
 * @throws if it cannot be made. `mkdir` with `recursive` would not: where a directory refuses new ones with
 * ENOENT, as /proc does, Node tries for ever.
 */
export function makeDirectory(path: string): void {
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) makeDirectory(parent)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    throw new Error(`DATA_DIR cannot be made: ${message}`, { cause: error })
  }
}
