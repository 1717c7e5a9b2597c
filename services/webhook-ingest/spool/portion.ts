import { announcedEnd, decode, frameAt, type Spooled } from './record.ts'
import type { Segment } from './segment.ts'

/** The oldest records, to be drained together. */
export interface Portion {
  readonly records: readonly Spooled[]
  readonly segment: Segment
  /** Where in the segment the next record begins. */
  readonly end: number
}

/** What is read at a time: a portion holds no more bytes, but for a single record that is larger. */
const chunkBytes = 1_048_576

/** The records at the head of a segment, so many at most; null if there is none that can be read. */
export async function portionOf(segment: Segment, most: number): Promise<Portion | null> {
  const { head, tail } = segment
  let content = await segment.read(head, Math.min(tail, head + chunkBytes))
  const announced = announcedEnd(content, 0) ?? 0
  if (announced > content.length && announced <= tail - head) {
    content = await segment.read(head, head + announced)
  }
  const records: Spooled[] = []
  let end = 0
  for (let frame = frameAt(content, 0); frame; frame = frameAt(content, end)) {
    const record = decode(frame.payload)
    if (!record || records.length === most) break
    records.push(record)
    end = frame.end
  }
  return records.length === 0 ? null : { records, segment, end: head + end }
}
