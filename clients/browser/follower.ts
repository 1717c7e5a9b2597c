import {
  parseCursor,
  type ClientMessage,
  type ControlFrame,
  type ControlFrames,
  type ServerFrame,
} from '@switchhook/shared/protocol'
import { Position } from './position.ts'
import { SnapshotParts, type Snapshot } from './snapshot.ts'
import type { EventFrame } from '@switchhook/shared/events'

/** What a follower passes on. */
export interface Listeners {
  /** Each event of the view once, in order. */
  readonly onEvent?: (frame: EventFrame) => void
  /** The live calls as they are now; forget the ones before. */
  readonly onSnapshot?: (snapshot: Snapshot) => void
  /** The hub's own time, and how far the view is complete by it. */
  readonly onHead?: (head: { seq: number; time: string }) => void
}

/** Resumes in a row that did not help; a snapshot will. */
const maxResumes = 3

/** Makes of the frames of any number of sockets one sequence without holes and without repetitions. */
export class Follower {
  readonly #listeners: Listeners
  readonly #send: (message: ClientMessage) => void
  readonly #parts = new SnapshotParts()
  readonly #position: Position
  #resumes = 0

  constructor(
    cursor: string | undefined,
    { listeners, send }: { listeners: Listeners; send: (message: ClientMessage) => void },
  ) {
    this.#position = new Position(parseCursor(cursor ?? ''))
    this.#listeners = listeners
    this.#send = send
  }

  get cursor(): string | null {
    return this.#position.cursor
  }

  /** Whether the hub has confirmed that nothing is missing. */
  get complete(): boolean {
    return this.#position.complete
  }

  /** Numbers between here and the head; null while there is no place to count from. */
  get missing(): number | null {
    return this.#position.missing
  }

  /** Takes a frame. @throws when the hub does not keep to the protocol; the next socket begins with a snapshot */
  take(frame: ServerFrame): void {
    try {
      if ('seq' in frame) this.#event(frame)
      else this.#control(frame)
    } catch (error) {
      this.#position.lost()
      throw error
    }
    if (this.complete) this.#resumes = 0
  }

  #event(frame: EventFrame): void {
    const verdict = this.#position.event(frame)
    if (verdict === 'apply') tell(this.#listeners.onEvent, frame)
    else if (verdict === 'hole') this.#ask()
  }

  #control({ event, data }: ControlFrame): void {
    const position = this.#position
    if (event === 'connected') this.#greeted(data.head)
    else if (event === 'resync') position.restart(data.head)
    else if (event === 'snapshot') this.#snapshot(data)
    else if (event === 'resumed' && !position.resumed(data)) this.#ask()
    else if (event === 'head') {
      position.head(data.seq)
      tell(this.#listeners.onHead, data)
    } else if (event === 'error' && data.code === 'bad_cursor') throw new Error(data.message)
  }

  #greeted(head: string | undefined): void {
    this.#parts.clear()
    this.#position.greeted(head)
    // Where the hub begins with a snapshot anyway, it answers that it is at it.
    if (this.#position.isLost) this.#send({ type: 'snapshot', data: {} })
  }

  #snapshot(part: ControlFrames['snapshot']): void {
    const snapshot = this.#parts.add(part)
    if (snapshot && this.#position.snapshot(snapshot.seq))
      tell(this.#listeners.onSnapshot, snapshot)
  }

  #ask(): void {
    const { cursor } = this.#position
    this.#resumes += 1
    if (cursor === null || this.#resumes > maxResumes) throw new Error('the hub cannot fill a hole')
    this.#position.asked()
    this.#send({ type: 'resume', data: { cursor } })
  }
}

/** A listener's mistake is its own: it surfaces as an uncaught error, and the next frame is delivered all the same. */
function tell<Value>(listener: ((value: Value) => void) | undefined, value: Value): void {
  try {
    listener?.(value)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
