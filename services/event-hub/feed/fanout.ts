/** Someone who gets the frames of a view; frames are complete, in order, and shared: never to be changed. */
export interface Member {
  deliver(frames: Buffer): void
  /** A frame without a number, for those who understand them. */
  announce(frame: Buffer): void
}

interface Batch {
  readonly bytes: Buffer
  readonly members: readonly Member[]
  next: number
}

/** So many sockets are written to before the loop gets a turn: a large view blocks it for milliseconds only. */
const slice = 250
/** A view that is so far behind writes at once, which slows the sender down instead of filling the memory. */
const maxQueuedBytes = 16_777_216

/**
 * Sends a view's frames to its members: the frames of one turn of the event loop are joined, and every member
 * gets them in a single write. A lone event waits for nothing but the end of its turn.
 */
export class Fanout {
  readonly #members = new Set<Member>()
  #frames: Buffer[] = []
  #queuedBytes = 0
  #batches: Batch[] = []
  #scheduled = false

  /** Queues a frame for everyone who is a member now. */
  push(frame: Buffer): void {
    if (this.#members.size === 0) return
    this.#frames.push(frame)
    this.#queuedBytes += frame.length
    if (this.#queuedBytes > maxQueuedBytes) this.flush()
    else this.#schedule()
  }

  /** Sends a frame to every member at once, behind all that was pushed before. */
  announce(frame: Buffer): void {
    this.flush()
    for (const member of this.#members) member.announce(frame)
  }

  /** From here on the member is in step: it gets every frame pushed later, and none pushed before. */
  add(member: Member): void {
    this.#cut()
    this.#members.add(member)
  }

  /** The member gets what was pushed before, and nothing after. */
  remove(member: Member): void {
    if (!this.#members.has(member)) return
    this.flush()
    this.#members.delete(member)
  }

  /** Writes everything now. */
  flush(): void {
    this.#cut()
    for (const batch of this.#batches) write(batch, batch.members.length)
    this.#batches = []
    this.#queuedBytes = 0
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#turn())
  }

  #turn(): void {
    this.#scheduled = false
    if (this.#batches.length === 0) this.#cut()
    const [batch] = this.#batches
    if (!batch) return
    write(batch, slice)
    if (batch.next >= batch.members.length) {
      this.#batches.shift()
      this.#queuedBytes -= batch.bytes.length
    }
    if (this.#batches.length > 0 || this.#frames.length > 0) this.#schedule()
  }

  /** Joins what is queued into a batch for those who are members at this moment. */
  #cut(): void {
    if (this.#frames.length === 0) return
    const bytes = this.#frames.length === 1 ? this.#frames[0]! : Buffer.concat(this.#frames)
    this.#batches.push({ bytes, members: [...this.#members], next: 0 })
    this.#frames = []
    this.#schedule()
  }
}

function write(batch: Batch, count: number): void {
  const end = Math.min(batch.next + count, batch.members.length)
  for (; batch.next < end; batch.next += 1) batch.members[batch.next]!.deliver(batch.bytes)
}
