import { createHash } from 'node:crypto'
import { voicemailKeyOf } from '../../projections/index.ts'
import type { CallEvent } from '../../events/index.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The id of the voicemail that an event tells of; null if it tells of none. */
export function voicemailIdOf(event: CallEvent): string | null {
  const key = voicemailKeyOf(event)
  // Who heard it knew its id already.
  return key === null || uuid.test(key) ? key : idOf(key)
}

/** A UUID of version 8 (RFC 9562 §5.8), made of what tells the voicemail from others. */
function idOf(key: string): string {
  const octets = createHash('sha256').update(key).digest().subarray(0, 16)
  octets[6] = (octets[6]! & 0x0f) | 0x80
  octets[8] = (octets[8]! & 0x3f) | 0x80
  const hex = octets.toString('hex')
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([a, b]) => hex.slice(a, b))
    .join('-')
}
