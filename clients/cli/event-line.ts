import type { EventFrame } from '@switchhook/shared/events'

/** `call-initiated  seq 1  12:03:04.567Z  +12025550143 → +13125550100`: a frame on one line. */
export function eventLine({ event, seq, time, late, data: { from, to } }: EventFrame): string {
  const parties = from === null && to === null ? '' : `${from ?? '?'} → ${to ?? '?'}`
  const parts = [event, `seq ${seq}`, time.slice(11), parties, late ? 'late' : '']
  return parts.filter((part) => part !== '').join('  ')
}
