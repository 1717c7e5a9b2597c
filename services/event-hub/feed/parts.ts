import type { CallRecord } from '@switchhook/shared/projections'
import type { LiveCalls } from '@switchhook/shared/journal'
import type { PresenceEntry } from '@switchhook/shared/protocol'
import type { Form } from './forms.ts'

/** What a part carries at most, so that no message grows beyond 64 KiB. */
const partBytes = 60_000

/** The frames of a snapshot: live calls, then agents, in parts 1, 2, … of which the last says so. */
export function snapshotFrames(
  { seq, calls }: LiveCalls,
  agents: readonly PresenceEntry[],
  form: Form,
): Buffer[] {
  const parts = inParts<CallRecord | PresenceEntry>([...calls, ...agents])
  return parts.map((part, index) =>
    form.control('snapshot', {
      seq,
      part: index + 1,
      last: index === parts.length - 1,
      calls: part.filter((item) => 'id' in item),
      agents: part.filter((item) => 'agent' in item && 'sockets' in item),
    }),
  )
}

/** How all agents are, in as many frames as it takes. */
export function presenceFrames(agents: readonly PresenceEntry[], form: Form): Buffer[] {
  return inParts(agents).map((part) =>
    form.control('presence', {
      set: Object.fromEntries(part.map((entry) => [entry.agent, entry])),
      del: [],
    }),
  )
}

/** At least one part: that there is nothing is an answer too. */
function inParts<Item>(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [[]]
  let bytes = 0
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item))
    if (bytes + size > partBytes && bytes > 0) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)!.push(item)
    bytes += size
  }
  return parts
}
