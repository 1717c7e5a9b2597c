/** What a message may cost that is like others, milliseconds of processor time: ten times what one does. */
const usualMs = 1
/** What all that cost more may take of a second, milliseconds. */
const mostMs = 250
const secondMs = 1_000

interface Clocks {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  /** Processor time so far, milliseconds: a busy machine makes no message slow. */
  readonly used: () => number
}

const processClocks: Clocks = {
  now: () => performance.now(),
  // Together: each by itself is an estimate, and goes by jumps.
  used: () => microsecondsOf(process.threadCpuUsage()) / 1_000,
}

const microsecondsOf = ({ user, system }: NodeJS.CpuUsage): number => user + system

/**
 * How much of the process may go into messages that are slow to read, as some are made to be: whoever is not traced has
 * the same process to wait for.
 */
export class Share {
  readonly #clocks: Clocks
  #since = 0
  #spent = 0

  constructor(clocks: Clocks = processClocks) {
    this.#clocks = clocks
  }

  /** Does some work unless the share of this second is used up. @returns whether it did */
  spend(work: () => void): boolean {
    const { now, used } = this.#clocks
    const at = now()
    if (at - this.#since >= secondMs) {
      this.#since = at
      this.#spent = 0
    }
    if (this.#spent >= mostMs) return false
    const before = used()
    try {
      work()
    } finally {
      const cost = used() - before
      if (cost > usualMs) this.#spent += cost
    }
    return true
  }
}
