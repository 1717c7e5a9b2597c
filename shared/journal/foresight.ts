import type { Database } from '../database/index.ts'
import type { KnownCall, KnownCalls } from './book.ts'
import type { Numbered, Place } from './numbering.ts'

/** Apps that are remembered, the last ones written to. */
const maxApps = 1_000
/** Calls of each that are remembered, the last ones that changed. */
const maxCalls = 1_000
/** Other ids of calls that are remembered of each, the last ones that were met. */
const maxAliases = 4_000
/** Appends that look first, after guesses met another writer again and again. */
const maxPatience = 64

/** Where we left an app's journal. */
export interface Remembered extends KnownCalls {
  readonly place: Place
}

interface Guess extends Remembered {
  readonly calls: Map<string, KnownCall>
  readonly aliases: Map<string, string>
  /** How many appends look first before this is tried. */
  readonly patience: number
  looked: number
}

/**
 * What this process left behind in the journal. While nobody else writes to an app, its counter stands where we left
 * it, and since a call changes only together with the counter, its calls and their ids do too: nothing need be read
 * to append. The statement that writes checks the counter, so a wrong guess costs that statement and nothing else.
 */
export class Foresight {
  readonly #apps = new Map<string, Guess>()

  /** What to expect of the app; undefined if it is better to look. */
  of(app: string): Remembered | undefined {
    const guess = this.#apps.get(app)
    return guess && guess.looked++ >= guess.patience ? guess : undefined
  }

  /** Learns what an append left. */
  learn({ app, before, after, book }: Numbered): void {
    const last = this.#apps.get(app)
    const alone = last === undefined || isAt(last.place, before)
    const patience = alone ? 0 : Math.min(maxPatience, last.patience * 2 || 1)
    // After another writer's append only what was read since is certain.
    const known = alone && last ? last : nothing()
    for (const [id, call] of book.calls) renew(known.calls, id, call)
    for (const id of book.gone.keys()) known.calls.delete(id)
    for (const ids of [book.met, book.named, book.gone]) {
      for (const id of ids.keys()) renew(known.aliases, id, book.resolve(id))
    }
    shorten(known.calls, maxCalls)
    shorten(known.aliases, maxAliases)
    const { calls, aliases } = known
    renew(this.#apps, app, { place: after, calls, aliases, patience, looked: 0 })
    shorten(this.#apps, maxApps)
  }
}

const foresights = new WeakMap<Database, Foresight>()

/** What this process knows of a database. */
export function foresightOf(db: Database): Foresight {
  const foresight = foresights.get(db) ?? new Foresight()
  foresights.set(db, foresight)
  return foresight
}

function nothing(): Pick<Guess, 'calls' | 'aliases'> {
  return { calls: new Map(), aliases: new Map() }
}

function isAt(one: Place, other: Place): boolean {
  return one.head === other.head && one.revision === other.revision
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
