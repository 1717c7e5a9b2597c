import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** SQLITE_BUSY (https://www.sqlite.org/rescode.html#busy). */
const busy = 5

/**
 * Takes the data directory, which exists, for this process, or throws with what to do. The lock is an open exclusive
 * transaction on a small SQLite file: the kernel drops it with the process, also after kill -9, so no stale
 * lock can ever keep a restart out.
 * @returns a function that gives the directory back
 */
export function lockDataDir(dataDir: string): () => void {
  const lock = new DatabaseSync(join(dataDir, 'lock'), { timeout: 0 })
  try {
    // A full disk has no room for a journal, and there is nothing to roll back.
    lock.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== busy) throw error
    throw new Error(
      `another Switchhook process uses ${dataDir}: stop it, or give this one its own DATA_DIR`,
      { cause: error },
    )
  }
  return () => lock.close()
}
