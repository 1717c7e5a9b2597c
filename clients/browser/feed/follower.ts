import { Position } from './position.ts'
import { SnapshotParts, type Snapshot } from './snapshot.ts'
import type { EventFrame } from '@switchhook/shared/events'
import type {
  ClientMessage,
  ControlFrame,
  ControlFrames,
  ServerFrame,
} from '@switchhook/shared/protocol'

interface FollowerOptions {
  readonly onEvent: (frame: EventFrame) => void
  readonly onSnapshot: (snapshot: Snapshot) => void
  readonly send: (message: ClientMessage) => void
}

/** Resumes in a row that did not help; a snapshot will. */
const maxResumes = 3
/** Names our own questions, so that their refusal is not taken for that of another. */
const id = 'resume'

/** Makes of the frames of any number of sockets one sequence without holes and without repetitions. */
export class Follower {
  readonly #options: FollowerOptions
  readonly position: Position
  #parts = new SnapshotParts()
  #resumes = 0

  constructor(cursor: string | undefined, options: FollowerOptions) {
    this.position = new Position(cursor)
    this.#options = options
  }

  /** Takes a frame. @throws when the hub does not keep to the protocol */
  take(frame: ServerFrame): void {
    if ('seq' in frame) this.#event(frame)
    else this.#control(frame)
    if (this.position.complete) this.#resumes = 0
  }

  #event(frame: EventFrame): void {
    const verdict = this.position.event(frame)
    if (verdict === 'apply') this.#options.onEvent(frame)
    else if (verdict === 'hole') this.#ask()
  }

  #control(frame: ControlFrame): void {
    const { position } = this
    const { event, data } = frame
    if (event === 'connected') this.#greeted(data)
    else if (event === 'resync') position.restart(data.head)
    else if (event === 'snapshot') this.#snapshot(data)
    else if (event === 'resumed' && !position.resumed(data)) this.#ask()
    else if (event === 'head' && !position.head(data.seq, data.prev)) this.#ask()
    else if (event === 'gap') position.gap(data.to)
    else if (event === 'error' && frame.id === id) throw new Error(data.message)
  }

  #greeted({ head }: ControlFrames['connected']): void {
    this.#parts = new SnapshotParts()
    this.position.greeted(head)
    // Where the hub begins with a snapshot anyway, it answers that it is at it.
    if (this.position.isLost) this.#options.send({ type: 'snapshot', id, data: {} })
  }

  #snapshot(part: ControlFrames['snapshot']): void {
    const snapshot = this.#parts.add(part)
    if (snapshot && this.position.snapshot(snapshot.seq)) this.#options.onSnapshot(snapshot)
  }

  #ask(): void {
    const { cursor } = this.position
    if (cursor === null || ++this.#resumes > maxResumes)
      throw new Error('the hub cannot fill a hole')
    this.position.asked()
    this.#options.send({ type: 'resume', id, data: { cursor } })
  }
}
