import { formatCursor, parseCursor, type ResyncReason } from '@switchhook/shared/protocol'
import { headOf } from '../feed/forms.ts'
import type { Encoded } from '../feed/encode.ts'
import type { Feed } from '../feed/index.ts'
import type { View, Viewer } from '../feed/view.ts'

/** A client that is being brought in step with its view. */
export interface Joiner extends Viewer {
  readonly open: boolean
  /** Writes frames after which the client is at `position`, if they bring it anywhere. */
  write(frames: Buffer, position?: number): void
  /** Resolves when what was written has mostly left, or the socket is closed. */
  drained(): Promise<void>
}

/** A client on its way into a view. */
export interface Step {
  readonly feed: Feed
  readonly view: View
  readonly joiner: Joiner
}

/** How a client was brought in step. */
export type Outcome = 'resumed' | 'followed' | 'snapshot' | ResyncReason

/** At most so many events go out in the last step, which cannot wait for the client. */
const lastStep = 200

/**
 * Continues a client from its cursor: what it missed, in order, `resumed`, then live events; or, when that
 * cannot be done without a hole, `resync` with the reason and a snapshot. Nothing live overtakes either.
 */
export async function resume(
  step: Step,
  cursor: string,
  { maxEvents }: { maxEvents: number },
): Promise<Outcome> {
  const from = await startOf(step, cursor, maxEvents)
  if (typeof from === 'string') return resync(step, from)
  const gone = await replay(step, from, (to, count) =>
    step.view.form.control('resumed', { from, to, count }),
  )
  return gone ? resync(step, gone.missing, gone.oldest) : 'resumed'
}

/** Says that the client cannot go on as it did, and begins anew. */
export async function resync(step: Step, reason: ResyncReason, oldest = 1): Promise<Outcome> {
  const { feed, view, joiner } = step
  const head = formatCursor({ epoch: feed.epoch, seq: feed.position })
  joiner.write(view.form.control('resync', { reason, oldest, head }))
  await begin(step)
  return reason
}

/** Starts a client, which knows events up to `atLeast`, with the live calls, then live events. */
export async function begin(step: Step, atLeast = step.feed.position): Promise<Outcome> {
  const { feed, view, joiner } = step
  for (let least = atLeast; ; least = feed.position) {
    const { seq, frames } = await feed.snapshot(view, least)
    for (const frame of frames) {
      joiner.write(frame)
      await joiner.drained()
    }
    // Calls that changed hands while the client was reading, or events that memory has let go: a newer one is due.
    if (joiner.open && feed.changedSince(view, seq)) continue
    if ((await replay(step, seq)) === null) return 'snapshot'
  }
}

/** Starts a client with live events only. */
function follow({ feed, view, joiner }: Step): Outcome {
  // Who left meanwhile would stay a member for ever.
  if (!joiner.open) return 'followed'
  // Head and joining are one turn: a head that ran ahead of queued events would make the client drop them.
  const { position } = feed
  joiner.write(view.form.modern ? headOf(view.form, position) : nothing, position)
  view.join(joiner)
  // What was told of agents while the client was on its way, it was not told.
  if (view.channels.includes('presence')) {
    for (const frame of feed.presence(view.form)) joiner.write(frame)
  }
  return 'followed'
}

const nothing = Buffer.alloc(0)

/** The number to continue after, or why that is impossible. */
async function startOf(
  { feed, view }: Step,
  text: string,
  maxEvents: number,
): Promise<number | ResyncReason> {
  const cursor = parseCursor(text)
  if (cursor?.epoch !== feed.epoch) return 'epoch'
  // Another hub may have shown the client an event that this one has not seen yet.
  if (cursor.seq > feed.position) await feed.learnHead()
  if (cursor.seq > feed.position) return 'ahead'
  if (feed.changedSince(view, cursor.seq)) return 'view_changed'
  return feed.position - cursor.seq > maxEvents ? 'too_many' : cursor.seq
}

/** Why a replay cannot go on, and the oldest event there is. */
interface Missing {
  readonly missing: ResyncReason
  readonly oldest: number
}

/**
 * Sends history above `from` page by page; the last page, `done` and the joining are one turn.
 * @returns what is missing, if the client could not be brought in step; it has then joined nothing
 */
export async function replay(
  step: Step,
  from: number,
  done?: (to: number, count: number) => Buffer,
): Promise<Missing | null> {
  const { feed, view, joiner } = step
  let at = from
  let count = 0
  while (joiner.open) {
    const portion = await feed.portion(view, at, lastStep)
    if ('missing' in portion) return portion
    for (const events of inPieces(portion.events)) {
      const frames = view.replay(events, at)
      count += frames.length
      at = events.at(-1)?.seq ?? at
      if (frames.length > 0) joiner.write(Buffer.concat(frames), at)
      if (at === feed.position) {
        // Who was on the way while a call changed hands was told nothing of it.
        if (feed.changedSince(view, from)) return { missing: 'view_changed', oldest: 1 }
        if (done) joiner.write(done(at, count))
        follow(step)
        return null
      }
      await joiner.drained()
    }
  }
  return null
}

/** What goes out between two looks at whether the client reads, bytes. */
const pieceBytes = 131_072

/** At least one piece: nothing is one as well. */
function* inPieces(events: readonly Encoded[]): Generator<readonly Encoded[]> {
  let [start, bytes] = [0, 0]
  for (const [index, { tail }] of events.entries()) {
    if (bytes > 0 && bytes + tail.length > pieceBytes) {
      yield events.slice(start, index)
      start = index
      bytes = 0
    }
    bytes += tail.length
  }
  yield events.slice(start)
}
