import { setTimeout as pause } from 'node:timers/promises'

/** Looks for what is not known begin so far apart, however many ask. */
const apartMs = 50

type Read = () => Promise<void>

/** Reads of what other processes change, one after the other: no older answer overtakes a newer one. */
export interface InTurn {
  /** Reads after whatever is under way. */
  take(read: Read): Promise<void>
  /** Reads for all who ask before it begins: 20 times a second at most, of which one is under way. */
  share(read: Read): Promise<void>
}

export function inTurn(): InTurn {
  let last: Promise<void> = Promise.resolve()
  let shared: Promise<void> | null = null
  let begun = -Infinity

  const take = (read: Read): Promise<void> => {
    last = last.catch(() => {}).then(read)
    return last
  }
  const lookAgain = async (read: Read): Promise<void> => {
    const waitMs = begun + apartMs - performance.now()
    if (waitMs > 0) await pause(waitMs)
    await take(() => {
      // Who asks from now on may mean what this look does not see.
      shared = null
      begun = performance.now()
      return read()
    })
  }
  return { take, share: (read) => (shared ??= lookAgain(read)) }
}
