import { controlFrame } from './encode.ts'
import type { CallRecord } from '@switchhook/shared/projections'
import type { LiveCalls } from '@switchhook/shared/journal'
import type { PresenceEntry } from '@switchhook/shared/protocol'

/** What a part carries at most, so that no message grows beyond 64 KiB. */
const partBytes = 60_000

/** The frames of a snapshot: live calls in parts 1, 2, … of which the last says so. */
export function snapshotFrames(
  { seq, calls }: LiveCalls,
  agents: readonly PresenceEntry[],
): Buffer[] {
  const parts = inParts(calls)
  return parts.map((part, index) =>
    controlFrame('snapshot', {
      seq,
      part: index + 1,
      last: index === parts.length - 1,
      calls: part,
      // They are few, and everyone's: they go with the first part.
      agents: index === 0 ? agents : [],
    }),
  )
}

/** At least one part: "no live calls" is an answer too. */
function inParts(calls: readonly CallRecord[]): CallRecord[][] {
  const parts: CallRecord[][] = [[]]
  let bytes = 0
  for (const call of calls) {
    const size = Buffer.byteLength(JSON.stringify(call))
    if (bytes + size > partBytes && bytes > 0) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)!.push(call)
    bytes += size
  }
  return parts
}
