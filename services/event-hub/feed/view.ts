import { Fanout, type Member } from './fanout.ts'
import { liveFrame, replayFrame, type Encoded, type EventHead } from './encode.ts'
import type { Role } from '@switchhook/plugins/auth'

/** Whether those of a view may see an event. */
type Sees = (row: EventHead) => boolean

/** Deny by default: an agent sees the calls mapped to the user, and no mapping exists yet. */
const sees: Readonly<Record<Role, Sees>> = {
  supervisor: () => true,
  agent: () => false,
}

/** Those who see the same events of an app, and so get the very same bytes. */
export class View {
  readonly #sees: Sees
  readonly #fanout = new Fanout()
  /** The last event of this view: the `prev` of the next one. */
  #prev: number

  constructor(role: Role, position: number) {
    this.#sees = sees[role]
    this.#prev = position
  }

  /** Sends an event to all members, if it is theirs to see. */
  push(event: Encoded): void {
    if (!this.#sees(event.row)) return
    this.#fanout.push(liveFrame(event, this.#prev))
    this.#prev = event.seq
  }

  /** The frames of events from history for a client that is at `prev`. */
  replay(events: readonly Encoded[], prev: number): Buffer[] {
    const frames: Buffer[] = []
    for (const event of events) {
      if (!this.#sees(event.row)) continue
      frames.push(replayFrame(event, prev))
      prev = event.seq
    }
    return frames
  }

  /** Sends a frame without a number, after all events pushed before. */
  announce(frame: Buffer): void {
    this.#fanout.announce(frame)
  }

  /** From here on the member gets the live events. */
  join(member: Member): void {
    this.#fanout.add(member)
  }

  /** The member gets what was pushed before, and nothing after. */
  leave(member: Member): void {
    this.#fanout.remove(member)
  }
}
