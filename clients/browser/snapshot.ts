import type { ControlFrames } from '@switchhook/shared/protocol'

type Part = ControlFrames['snapshot']

/** The live calls after exactly the events up to `seq`. */
export interface Snapshot {
  readonly seq: number
  readonly calls: Part['calls']
}

/** The hub sends 2,000 calls at most; one that sends ten times as many is not to be followed. */
const maxCalls = 20_000

/** Joins the parts of a snapshot. */
export class SnapshotParts {
  #calls: Part['calls'] = []
  #next = 1

  /** Takes a part. @returns the snapshot when it was the last one @throws when a part is missing, or too much comes */
  add({ seq, part, last, calls }: Part): Snapshot | null {
    if (part === 1) this.clear()
    if (part !== this.#next) throw new Error(`part ${this.#next} of the snapshot is missing`)
    if (this.#calls.length + calls.length > maxCalls) throw new Error('the snapshot is too large')
    this.#calls.push(...calls)
    this.#next += 1
    if (!last) return null
    const snapshot = { seq, calls: this.#calls }
    this.clear()
    return snapshot
  }

  clear(): void {
    this.#calls = []
    this.#next = 1
  }
}
