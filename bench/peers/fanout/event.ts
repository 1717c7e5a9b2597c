import type { JournalRow } from '@switchhook/shared/journal'

const id = (seq: number): string =>
  `telnyx:0ccc7b54-4df3-4bca-a65a-${String(seq).padStart(12, '0')}`
const time = '2026-01-28T12:00:00.000Z'
const call = 'telnyx:428c31b6-7af4-4bcb-b7f5-5013ef9657c1'
const data = {
  leg_id: '428c31b6-abf3-4bc1-b7f4-5013ef9657c1',
  direction: 'inbound',
  from: '+12025550133',
  to: '+12025550131',
  state: { phase: 'answered', held: false, reason: null },
  raw_type: 'call.answered',
  details: { caller_name: 'Ada Lovelace', line: 'main' },
}
const dataText = JSON.stringify(data)

/** What every event begins with; the number follows. */
export const framePrefix = '{"event":"call-answered","seq":'

/** An event as the journal hands it to the hub, about 450 bytes as a frame. */
export function rowOf(seq: number): JournalRow {
  return { seq, id: id(seq), type: 'call.answered', time, call, late: false, data: dataText }
}

/** The same event as an object to be stringified: the same bytes reach the clients. */
export function messageOf(seq: number): object {
  return { event: 'call-answered', seq, prev: seq - 1, id: id(seq), time, call, data }
}
