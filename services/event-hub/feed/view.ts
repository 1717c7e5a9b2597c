import { Fanout, type FanoutOptions, type Member } from './fanout.ts'
import type { Encoded } from './encode.ts'
import { headOf, type Form } from './forms.ts'
import type { Move } from './parties.ts'

/** Who may see what, and who wants to: clients with an equal one get the very same bytes. */
export interface ViewSpec {
  /** The channels the role allows; null: all of the app's. */
  readonly scope: readonly string[] | null
  readonly channels: readonly string[]
  /** Names of events with `*` at the end or alone; null: all of them. */
  readonly events: readonly string[] | null
  /** What its clients' frames look like. */
  readonly form: Form
}

/** A member that can be brought right again when its view changes under it. */
export interface Viewer extends Member {
  /** What the view shows of the past changed: the chain begins anew. */
  viewChanged(): void
}

/** Signs of life that go out together do so within that. */
const sweepMs = 100

/** The same for equal specs. */
export function viewKey({ scope, channels, events, form }: ViewSpec): string {
  return JSON.stringify([sorted(scope), sorted(channels), sorted(events), form.name])
}

function sorted(list: readonly string[] | null): readonly string[] | null {
  return list && list.toSorted()
}

/** Those who see the same events of an app, and so get the very same bytes. */
export class View {
  readonly key: string
  readonly channels: readonly string[]
  /** Shows a call or not by whose it is, and that may change. */
  readonly byOwner: boolean
  readonly #scope: ReadonlySet<string> | null
  readonly #subscribed: ReadonlySet<string>
  readonly #events: RegExp | null
  readonly form: Form
  readonly #fanout: Fanout
  /** The last event of this view: the `prev` of the next one. */
  #prev: number
  #beat = { seq: -1, at: 0, frames: Buffer.alloc(0) }
  /** How many sessions hold the view, in step or not. */
  holders = 0

  constructor(spec: ViewSpec, position: number, options?: FanoutOptions) {
    this.key = viewKey(spec)
    this.channels = spec.channels
    this.byOwner =
      spec.scope !== null || spec.channels.some((name) => /^(?:agent|team|queue):/.test(name))
    this.#scope = spec.scope && new Set(spec.scope)
    this.#subscribed = new Set(spec.channels)
    this.#events = spec.events && patternOf(spec.events)
    this.form = spec.form
    this.#fanout = new Fanout(options)
    this.#prev = position
  }

  /** Whether something in these channels is shown. */
  shows(channels: readonly string[]): boolean {
    const allowed = this.#scope === null || channels.some((name) => this.#scope!.has(name))
    return allowed && channels.some((name) => this.#subscribed.has(name))
  }

  /** Whether an event is shown. */
  sees({ channels, name }: Encoded): boolean {
    return this.shows(channels) && (this.#events === null || this.#events.test(name))
  }

  /** Sends an event to all members, if it is theirs to see. */
  push(event: Encoded): void {
    if (!this.sees(event)) return
    this.#fanout.push(this.form.live(event, this.#prev), event.seq)
    this.#prev = event.seq
  }

  /** The frames of events from history for a client that is at `prev`. */
  replay(events: readonly Encoded[], prev: number): Buffer[] {
    const frames: Buffer[] = []
    for (const event of events) {
      if (!this.sees(event)) continue
      frames.push(this.form.replay(event, prev))
      prev = event.seq
    }
    return frames
  }

  /** Tells the members what became of a call that changed hands. */
  move({ call, before, after }: Move, seq: number): void {
    const own = ['calls', `call:${call}`]
    const [did, does] = [this.shows([...own, ...before]), this.shows([...own, ...after])]
    if (did && !does) this.#fanout.push(this.form.control('call-removed', { call }), seq)
    if (!did && does) this.change()
  }

  /** Makes every member begin anew. */
  change(): void {
    for (const member of Array.from(this.#fanout.members)) (member as Viewer).viewChanged()
  }

  /** "Complete to `seq`", behind all that was pushed before. */
  announceHead(seq: number): void {
    if (this.form.modern) this.#fanout.push(headOf(this.form, seq, this.#prev), seq)
  }

  /** The same with a sign of life, for members that nothing is on its way to; the same bytes within one sweep. */
  beat(seq: number, now = Date.now()): Buffer {
    if (this.#beat.seq !== seq || now - this.#beat.at > sweepMs) {
      const head = headOf(this.form, seq, this.#prev)
      this.#beat = { seq, at: now, frames: Buffer.concat([head, this.form.ping]) }
    }
    return this.#beat.frames
  }

  /** Sends a frame without a number to all members. */
  announce(frame: Buffer): void {
    this.#fanout.push(frame, this.#prev)
  }

  /** Whether frames are on their way to members. */
  get pending(): boolean {
    return this.#fanout.pending
  }

  /** From here on the member gets the live events. */
  join(member: Viewer): void {
    this.#fanout.add(member)
  }

  /** See `Fanout.remove`. */
  leave(member: Viewer): void {
    this.#fanout.remove(member)
  }
}

/** `call-*` matches every name that begins so. */
function patternOf(names: readonly string[]): RegExp {
  const parts = names.map((name) =>
    name.endsWith('*') ? `${escaped(name.slice(0, -1))}.*` : escaped(name),
  )
  return new RegExp(`^(?:${parts.join('|')})$`)
}

function escaped(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, String.raw`\$&`)
}
