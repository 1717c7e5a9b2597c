import { formatCursor, parseCursor, type Cursor } from '@switchhook/shared/protocol'

/** What a sequenced frame means to a client: news, already known, or proof that something is missing. */
export type Verdict = 'apply' | 'drop' | 'hole'

/**
 * Where a client stands in its view of the journal. The numbers in a view have holes of their own, since it may
 * not show every event; each frame therefore names its predecessor.
 */
export class Position {
  #epoch = ''
  /** Everything up to here is known; null until the hub said where to begin. */
  #seq: number | null = null
  /** The highest number known to exist. */
  #target = 0
  /**
   * The answer that is awaited: to a resume from this number, a snapshot and nothing less, or any that says where to
   * begin.
   */
  #awaited: number | 'snapshot' | 'start' | null = 'start'

  constructor(cursor: Cursor | null) {
    if (!cursor) return
    this.#epoch = cursor.epoch
    this.#seq = cursor.seq
  }

  /** What to resume from; null when only a snapshot helps. */
  get cursor(): string | null {
    if (this.#epoch === '' || this.#seq === null) return null
    return formatCursor({ epoch: this.#epoch, seq: this.#seq })
  }

  /** Whether only a snapshot can help. */
  get isLost(): boolean {
    return this.#awaited === 'snapshot'
  }

  /** Whether the hub has confirmed that nothing is missing. */
  get complete(): boolean {
    return this.#awaited === null && this.#seq !== null && this.#seq >= this.#target
  }

  /** How far behind the highest known number; null while there is no place to count from. */
  get missing(): number | null {
    return this.#seq === null ? null : Math.max(0, this.#target - this.#seq)
  }

  /** A new socket was accepted. A cursor of another epoch is worth nothing. */
  greeted(head: string | undefined): void {
    const cursor = parseCursor(head ?? '')
    if (cursor?.epoch !== this.#epoch) this.#seq = null
    this.#epoch = cursor?.epoch ?? ''
    this.#target = cursor?.seq ?? 0
    if (this.#awaited !== 'snapshot') this.#awaited = this.#seq ?? 'start'
  }

  /**
   * Judges a frame and moves on if it is the next one (protocol rule 2).
   * @throws when a replay has a hole: asking again would bring the same
   */
  event({ seq, prev, replay }: { seq: number; prev: number; replay?: true }): Verdict {
    if (this.#awaited === 'snapshot' || (this.#seq !== null && seq <= this.#seq)) return 'drop'
    this.#target = Math.max(this.#target, seq)
    if (this.#seq !== null && prev > this.#seq) {
      if (replay) throw new Error(`the replay has a hole after ${this.#seq}`)
      // Live frames were under way when the resume was asked for: they will come again.
      return this.#awaited === this.#seq ? 'drop' : 'hole'
    }
    this.#seq = seq
    return 'apply'
  }

  /** Notes that the hub is asked to resume from here. */
  asked(): void {
    this.#awaited = this.#seq ?? 'start'
  }

  /** Notes that what is known is worth nothing: only a snapshot says where to begin. */
  lost(): void {
    this.#seq = null
    this.#awaited = 'snapshot'
  }

  /** "Complete up to `seq`", unless it was said before the hub heard of the hole. */
  head(seq: number): void {
    if (typeof this.#awaited === 'number' || this.#awaited === 'snapshot') return
    this.#seq = Math.max(this.#seq ?? 0, seq)
    this.#awaited = null
  }

  /** The replay is over; false if it began elsewhere than it was asked to. */
  resumed({ from, to }: { from: number; to: number }): boolean {
    if (this.#awaited === 'snapshot') return true
    const expected = typeof this.#awaited === 'number' ? this.#awaited : this.#seq
    if (expected === null || from > expected) return false
    this.#seq = Math.max(this.#seq ?? 0, to)
    this.#awaited = null
    return true
  }

  /** The hub cannot continue from here: a snapshot follows. */
  restart(head: string): void {
    this.#seq = null
    this.greeted(head)
  }

  /** The records after exactly the events up to `seq`; false if the client is further already. */
  snapshot(seq: number): boolean {
    if (this.#seq !== null && seq < this.#seq) return false
    this.#seq = seq
    this.#awaited = null
    return true
  }
}
