import { stat } from 'node:fs/promises'

/** Between two looks at the file, milliseconds. */
const lookEveryMs = 1_000

/**
 * Calls `changed` after the file at `path` became another one: written, renamed into place, or behind another
 * symbolic link, as editors and Kubernetes do. It must have been the same for two looks, a second apart: who writes
 * it in place is not read half way. Also calls it at SIGHUP. Begins with the file as it is at the first look.
 * @returns stops it
 */
export async function followFile(path: string, changed: () => void): Promise<() => void> {
  let applied = await statusOf(path)
  let seen = applied
  let looking = false
  const look = async (): Promise<void> => {
    // A file system that takes longer than a second is not asked again before it has answered.
    if (looking) return
    looking = true
    const status = await statusOf(path)
    looking = false
    const settled = status === seen
    seen = status
    if (!settled || status === applied) return
    applied = status
    changed()
  }
  const timer = setInterval(() => void look(), lookEveryMs)
  process.on('SIGHUP', changed)
  return () => {
    clearInterval(timer)
    process.off('SIGHUP', changed)
  }
}

/** Changes whenever the file does; the path is followed through links. */
async function statusOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch (error) {
    return (error as Error).message
  }
}
