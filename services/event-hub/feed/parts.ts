import type { CallRecord } from '@switchhook/shared/projections'
import type { LiveCalls } from '@switchhook/shared/journal'
import type { ControlFrames, PresenceEntry } from '@switchhook/shared/protocol'
import type { Form } from './forms.ts'

type Presence = ControlFrames['presence']

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

/** A change of how agents are, in as many frames as it takes. */
export function presenceParts({ set, del }: Presence): Presence[] {
  const changes = [
    ...Object.values(set).map((entry) => ({ agent: entry.agent, entry })),
    ...del.map((agent) => ({ agent, entry: null })),
  ]
  return inParts(changes).map((part) => ({
    set: Object.fromEntries(part.flatMap(({ agent, entry }) => (entry ? [[agent, entry]] : []))),
    del: part.flatMap(({ agent, entry }) => (entry ? [] : [agent])),
  }))
}

/** How all agents are, as frames. */
export function presenceFrames(agents: readonly PresenceEntry[], form: Form): Buffer[] {
  const set = Object.fromEntries(agents.map((entry) => [entry.agent, entry]))
  return presenceParts({ set, del: [] }).map((part) => form.control('presence', part))
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
