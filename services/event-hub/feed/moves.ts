/** Channels that are remembered one by one. */
const maxChannels = 10_000

/**
 * Remembers in which channels calls came or went with an event of theirs. A client that continues there from an older
 * number would keep a call that is not its own any more, or lack one that is: it gets a snapshot.
 */
export class Moves {
  readonly #last = new Map<string, number>()
  /** Before this number every channel counts as changed. */
  #floor = 0

  /** Calls came or went in these channels with event `seq`. */
  note(seq: number, channels: readonly string[]): void {
    for (const channel of channels) this.#last.set(channel, seq)
    if (this.#last.size > maxChannels) this.all(seq)
  }

  /** They may have in any channel, up to `seq`. */
  all(seq: number): void {
    this.#floor = seq
    this.#last.clear()
  }

  /** Whether they did in one of these after `seq`. */
  since(seq: number, channels: readonly string[]): boolean {
    if (seq < this.#floor) return true
    return channels.some((channel) => (this.#last.get(channel) ?? 0) > seq)
  }
}
