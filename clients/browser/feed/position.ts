/** What a sequenced frame means to a client: news, already known, or proof that something is missing. */
export type Verdict = 'apply' | 'drop' | 'hole'

/** Before the hub said where to begin. */
const nowhere = -1

/**
 * Where a client stands in its view of the journal. The numbers in a view have holes of their own, since it may
 * not show every event; each frame therefore names its predecessor.
 */
export class Position {
  #epoch = ''
  /** Everything up to here is known. */
  #seq = nowhere
  /** The highest number known to exist. */
  #target = 0
  /** The answer that is awaited: to a resume, a snapshot and nothing less, or any that says where to begin. */
  #awaited: 'resume' | 'snapshot' | 'start' | null = 'start'

  constructor(cursor: string | undefined) {
    if (cursor) [this.#epoch, this.#seq] = read(cursor)
  }

  /** What to resume from; null when only a snapshot helps. */
  get cursor(): string | null {
    if (this.#epoch === '' || this.#seq === nowhere) return null
    return `${this.#epoch}:${this.#seq}`
  }

  /** Whether only a snapshot can help. */
  get isLost(): boolean {
    return this.#awaited === 'snapshot'
  }

  /** Whether the hub has confirmed that nothing is missing. */
  get complete(): boolean {
    return this.#awaited === null && this.#seq >= this.#target
  }

  /** How far behind the highest known number; null while there is no place to count from. */
  get missing(): number | null {
    return this.#seq === nowhere ? null : Math.max(0, this.#target - this.#seq)
  }

  /** A new socket was accepted. A cursor of another epoch is worth nothing. */
  greeted(head = ''): void {
    const [epoch, seq] = read(head)
    if (epoch !== this.#epoch) this.#seq = nowhere
    this.#epoch = epoch
    this.#target = seq
    if (!this.isLost) this.asked()
  }

  /**
   * Judges a frame and moves on if it is the next one (protocol rule 2).
   * @throws when a replay has a hole: asking again would bring the same
   */
  event({ seq, prev, replay }: { seq: number; prev: number; replay?: true }): Verdict {
    if (this.isLost || seq <= this.#seq) return 'drop'
    this.gap(seq)
    if (this.#seq !== nowhere && prev > this.#seq) {
      if (replay) throw new Error(`the replay has a hole after ${this.#seq}`)
      // Live frames were under way when the resume was asked for: they will come again.
      return this.#awaited ? 'drop' : 'hole'
    }
    this.#seq = seq
    return 'apply'
  }

  /** Notes that the hub is asked to go on from here. */
  asked(): void {
    this.#awaited = this.#seq === nowhere ? 'start' : 'resume'
  }

  /** Notes that what is known is worth nothing: only a snapshot says where to begin. */
  lost(): void {
    this.#seq = nowhere
    this.#awaited = 'snapshot'
  }

  /** There are events up to `to`; the hub makes good for those it left out. */
  gap(to: number): void {
    this.#target = Math.max(this.#target, to)
  }

  /**
   * "Complete up to `seq`", unless it was said before the hub heard of the hole; false if `prev`, the last event of
   * the view, never came.
   */
  head(seq: number, prev = 0): boolean {
    if (this.#awaited === 'resume' || this.isLost) return true
    if (!this.#awaited && prev > this.#seq) return false
    this.#seq = Math.max(this.#seq, seq)
    this.#awaited = null
    return true
  }

  /** The replay is over; false if it began beyond what is known. */
  resumed({ from, to }: { from: number; to: number }): boolean {
    if (this.isLost) return true
    if (from > this.#seq) return false
    this.#seq = Math.max(this.#seq, to)
    this.#awaited = null
    return true
  }

  /** The hub cannot continue from here: a snapshot follows. */
  restart(head: string): void {
    this.#seq = nowhere
    this.greeted(head)
  }

  /** The records after exactly the events up to `seq`; false if the client is further already. */
  snapshot(seq: number): boolean {
    if (seq < this.#seq) return false
    this.#seq = seq
    this.#awaited = null
    return true
  }
}

/** `k7:10482` → `k7`, 10482. What is no cursor is none of the hub's either: it says so. */
function read(cursor: string): [epoch: string, seq: number] {
  const [epoch = '', seq] = cursor.split(':')
  return [epoch, Number(seq) || 0]
}
