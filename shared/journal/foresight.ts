import type { KnownCall, Numbered } from './numbering.ts'

/** Apps that are remembered, the last ones written to. */
const maxApps = 1_000
/** Calls of each that are remembered, the last ones that changed. */
const maxCalls = 1_000
/** Appends that look first, after guesses met another writer again and again. */
const maxPatience = 64

/** Where we left an app's journal. */
export interface Remembered {
  readonly head: number
  readonly calls: Map<string, KnownCall>
}

interface Guess extends Remembered {
  /** How many appends look first before this is tried. */
  readonly patience: number
  looked: number
}

/**
 * What this process left behind in the journal. While nobody else writes to an app, its counter stands where we left
 * it, and since a call changes only together with the counter, its calls do too: nothing need be read to append. The
 * statement that writes checks the counter, so a wrong guess costs that statement and nothing else.
 */
export class Foresight {
  readonly #apps = new Map<string, Guess>()

  /** What to expect of the app; undefined if it is better to look. */
  of(app: string): Remembered | undefined {
    const guess = this.#apps.get(app)
    return guess && guess.looked++ >= guess.patience ? guess : undefined
  }

  /** Learns what an append left. */
  learn({ app, before, head, calls }: Numbered): void {
    const last = this.#apps.get(app)
    const alone = last === undefined || last.head === before
    const patience = alone ? 0 : Math.min(maxPatience, last.patience * 2 || 1)
    // After another writer's append only what was read since is certain.
    const known = alone && last ? last.calls : new Map<string, KnownCall>()
    for (const [id, call] of calls) renew(known, id, call)
    shorten(known, maxCalls)
    renew(this.#apps, app, { head, calls: known, patience, looked: 0 })
    shorten(this.#apps, maxApps)
  }
}

/** Puts an entry at the end, where the youngest are. */
function renew<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
}

function shorten(map: Map<string, unknown>, max: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= max) return
    map.delete(oldest)
  }
}
