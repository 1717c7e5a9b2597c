import { formatCursor, parseCursor, type ResyncReason } from '@switchhook/shared/protocol'
import { controlFrame, headFrame } from '../feed/encode.ts'
import { snapshotFrames } from './snapshot.ts'
import type { Feed } from '../feed/index.ts'
import type { Member } from '../feed/fanout.ts'
import type { View } from '../feed/view.ts'

/** A client that is being brought in step with its view. */
export interface Joiner extends Member {
  readonly open: boolean
  /** Resolves when what was delivered has mostly left; rejects when the client does not read. */
  drained(): Promise<void>
}

/** A client on its way into a view. */
export interface Step {
  readonly feed: Feed
  readonly view: View
  readonly joiner: Joiner
}

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
): Promise<void> {
  const { feed, joiner } = step
  const from = await startOf(feed, cursor, maxEvents)
  if (typeof from === 'string') {
    const head = formatCursor({ epoch: feed.epoch, seq: feed.position })
    joiner.deliver(controlFrame('resync', { reason: from, oldest: 1, head }))
    return begin(step)
  }
  await catchUp(step, from, (to, count) =>
    joiner.deliver(controlFrame('resumed', { from, to, count })),
  )
}

/** Starts a client with the live calls, then live events. */
export async function begin(step: Step): Promise<void> {
  const snapshot = await step.feed.snapshot()
  for (const frame of snapshotFrames(snapshot)) {
    step.joiner.deliver(frame)
    await step.joiner.drained()
  }
  await catchUp(step, snapshot.seq)
}

/** Starts a client with live events only. */
export function follow({ feed, view, joiner }: Step): void {
  // Head and joining are one turn: a head that ran ahead of queued events would make the client drop them.
  joiner.announce(headFrame(feed.position))
  view.join(joiner)
}

/** The number to continue after, or why that is impossible. */
async function startOf(
  feed: Feed,
  text: string,
  maxEvents: number,
): Promise<number | ResyncReason> {
  const cursor = parseCursor(text)
  if (cursor?.epoch !== feed.epoch) return 'epoch'
  // Another hub may have shown the client an event that this one has not seen yet.
  if (cursor.seq > feed.position) await feed.learnHead()
  if (cursor.seq > feed.position) return 'ahead'
  return feed.position - cursor.seq > maxEvents ? 'too_many' : cursor.seq
}

/** Sends history above `from` page by page; the last page, `done` and the joining are one turn. */
async function catchUp(
  step: Step,
  from: number,
  done?: (to: number, count: number) => void,
): Promise<void> {
  const { feed, view, joiner } = step
  let at = from
  let count = 0
  while (joiner.open) {
    const held = feed.recent(at, lastStep + 1)
    const isLast = held !== null && held.length <= lastStep
    const events = held ?? (await feed.history(at))
    if (at < feed.position && events[0]?.seq !== at + 1) {
      throw new Error(`the journal has a hole after ${at}`)
    }
    const frames = view.replay(events, at)
    if (frames.length > 0) joiner.deliver(Buffer.concat(frames))
    count += frames.length
    at = events.at(-1)?.seq ?? at
    if (isLast) {
      done?.(at, count)
      return follow(step)
    }
    await joiner.drained()
  }
}
