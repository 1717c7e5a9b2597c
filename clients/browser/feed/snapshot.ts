import type { ControlFrames } from '@switchhook/shared/protocol'

type Part = ControlFrames['snapshot']

/** The live calls after exactly the events up to `seq`, and how the agents are. */
export type Snapshot = Pick<Part, 'seq' | 'calls' | 'agents'>

/** The hub sends 2,000 calls at most; one that sends ten times as many is not to be followed. */
const maxRecords = 20_000

/** Joins the parts of a snapshot. */
export class SnapshotParts {
  #calls: Part['calls'] = []
  #agents: Part['agents'] = []
  #last = 0

  /** Takes a part. @returns the snapshot when it was the last one @throws when a part is missing, or too much comes */
  add({ seq, part, last, calls, agents }: Part): Snapshot | null {
    if (part === 1) [this.#calls, this.#agents, this.#last] = [[], [], 0]
    if (part !== ++this.#last || this.#calls.length + this.#agents.length > maxRecords)
      throw new Error('the snapshot has a hole')
    this.#calls.push(...calls)
    this.#agents.push(...agents)
    return last ? { seq, calls: this.#calls, agents: this.#agents } : null
  }
}
