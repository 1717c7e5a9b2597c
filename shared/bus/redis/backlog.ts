import type { JournalRow } from '../../journal/index.ts'
import type { Entry } from './entry.ts'

/** Sizes are in characters of JSON, most of which are bytes on the wire. A row above this is not sent. */
const maxRow = 256 * 1024
/** Beyond this an app's rows begin another entry: a reader takes each in one piece. */
const maxEntry = 64 * 1024
/** In one write, so that it is answered within the deadline of a command on a slow network, too. */
const maxWrite = 1024 * 1024
/** What waits for Redis in a process; what comes on top is left to the journal. */
const maxWaiting = { rows: 8_192, size: 8 * 1024 * 1024 }

/** The fields of a row besides its data, about. */
const rowOverhead = 200

interface Waiting extends Entry {
  readonly rows: JournalRow[]
  size: number
}

interface BacklogOptions {
  /** How many backlogs share the bounds of the process. */
  readonly shares: number
  /** Told about rows that will not be sent. */
  readonly onSkipped: (reason: string, count: number) => void
}

/** Rows that wait to be written, joined to one entry per app. When it is full, it leaves out what comes on top. */
export class Backlog {
  readonly #onSkipped: BacklogOptions['onSkipped']
  readonly #bounds: { readonly rows: number; readonly size: number }
  #waiting: Waiting[] = []
  /** The entry of each app that still takes rows. */
  readonly #open = new Map<string, Waiting>()
  #rows = 0
  #size = 0

  constructor({ shares, onSkipped }: BacklogOptions) {
    this.#onSkipped = onSkipped
    this.#bounds = { rows: maxWaiting.rows / shares, size: maxWaiting.size / shares }
  }

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  add(app: string, rows: readonly JournalRow[]): void {
    for (const [index, row] of rows.entries()) {
      const size = row.data.length + rowOverhead
      if (size > maxRow) {
        this.#onSkipped('too large', 1)
      } else if (this.#rows >= this.#bounds.rows || this.#size + size > this.#bounds.size) {
        // Later ones that would still fit are of no use: the reader of the journal has them anyway.
        this.#onSkipped('too many waiting', rows.length - index)
        return
      } else {
        this.#join(app, row, size)
      }
    }
  }

  /** Removes and returns the oldest entries, as many as one write takes. */
  take(): Entry[] {
    let size = 0
    let count = 0
    for (const entry of this.#waiting) {
      if (count > 0 && size + entry.size > maxWrite) break
      size += entry.size
      count += 1
      this.#rows -= entry.rows.length
      if (this.#open.get(entry.app) === entry) this.#open.delete(entry.app)
    }
    this.#size -= size
    return this.#waiting.splice(0, count)
  }

  #join(app: string, row: JournalRow, size: number): void {
    let entry = this.#open.get(app)
    if (!entry || entry.size + size > maxEntry) {
      entry = { app, rows: [], size: 0 }
      this.#open.set(app, entry)
      this.#waiting.push(entry)
    }
    entry.rows.push(row)
    entry.size += size
    this.#rows += 1
    this.#size += size
  }
}
