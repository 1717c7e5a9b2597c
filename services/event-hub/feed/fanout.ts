/** Someone who gets the frames of a view; frames are complete, in order, and shared: never to be changed. */
export interface Member {
  /** @param upTo the number of the last event in the frames, or what a head among them says */
  deliver(frames: Buffer, upTo: number): void
}

interface Batch {
  readonly bytes: Buffer
  readonly upTo: number
  readonly members: (Member | null)[]
  next: number
}

export interface FanoutOptions {
  /** Between two flushes, ms; 0: one flush at the end of every turn of the event loop. */
  readonly coalesceMs: number
  /** Told of every write: how many members got it. */
  readonly onWrite?: (members: number) => void
}

/** So many sockets are written to before the loop gets a turn: a large view blocks it for milliseconds only. */
const slice = 250
/** A write is not much larger: between two of them a client has a chance to read. */
const batchBytes = 65_536
/** A view that is so far behind writes at once, which slows the sender down instead of filling the memory. */
const maxQueuedBytes = 16_777_216

/**
 * Sends a view's frames to its members: the frames of one turn of the event loop are joined, and every member
 * gets them in a single write. A lone event waits for nothing but the end of its turn.
 */
export class Fanout {
  readonly #options: FanoutOptions
  readonly #members = new Set<Member>()
  #frames: Buffer[] = []
  #upTo = 0
  #joinedBytes = 0
  #queuedBytes = 0
  #batches: Batch[] = []
  #scheduled = false
  #flushedAt = 0

  constructor(options: FanoutOptions = { coalesceMs: 0 }) {
    this.#options = options
  }

  /** Whether something has been pushed that not everyone was given yet. */
  get pending(): boolean {
    return this.#frames.length > 0 || this.#batches.length > 0
  }

  get members(): Iterable<Member> {
    return this.#members
  }

  /** Queues a frame for everyone who is a member now. */
  push(frame: Buffer, upTo: number): void {
    if (this.#members.size === 0) return
    this.#frames.push(frame)
    this.#upTo = upTo
    this.#queuedBytes += frame.length
    this.#joinedBytes += frame.length
    if (this.#joinedBytes >= batchBytes) this.#cut()
    if (this.#queuedBytes > maxQueuedBytes) this.flush()
    else this.#schedule()
  }

  /** From here on the member is in step: it gets every frame pushed later, and none pushed before. */
  add(member: Member): void {
    this.#cut()
    this.#members.add(member)
  }

  /** The member gets nothing more, not even what was pushed before and has not left yet. */
  remove(member: Member): void {
    this.#members.delete(member)
    for (const { members, next } of this.#batches) {
      const index = members.indexOf(member, next)
      if (index !== -1) members[index] = null
    }
  }

  /** Writes everything now. */
  flush(): void {
    this.#cut()
    for (const batch of this.#batches) this.#write(batch, batch.members.length)
    this.#batches = []
    this.#queuedBytes = 0
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const { coalesceMs } = this.#options
    const waitMs = coalesceMs === 0 ? 0 : this.#flushedAt + coalesceMs - Date.now()
    if (waitMs > 0 && this.#batches.length === 0) setTimeout(() => this.#turn(), waitMs)
    else setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#scheduled = false
    if (this.#batches.length === 0) this.#cut()
    const [batch] = this.#batches
    if (!batch) return
    this.#write(batch, slice)
    if (batch.next >= batch.members.length) {
      this.#batches.shift()
      this.#queuedBytes -= batch.bytes.length
      if (this.#options.coalesceMs > 0) this.#flushedAt = Date.now()
    }
    if (this.#batches.length > 0 || this.#frames.length > 0) this.#schedule()
  }

  /** Joins what is queued into a batch for those who are members at this moment. */
  #cut(): void {
    if (this.#frames.length === 0) return
    const bytes = this.#frames.length === 1 ? this.#frames[0]! : Buffer.concat(this.#frames)
    this.#batches.push({ bytes, upTo: this.#upTo, members: [...this.#members], next: 0 })
    this.#frames = []
    this.#joinedBytes = 0
    this.#schedule()
  }

  #write(batch: Batch, count: number): void {
    const begin = batch.next
    const end = Math.min(begin + count, batch.members.length)
    for (; batch.next < end; batch.next += 1) {
      batch.members[batch.next]?.deliver(batch.bytes, batch.upTo)
    }
    this.#options.onWrite?.(end - begin)
  }
}
