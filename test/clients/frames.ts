import type { EventFrame } from '@switchhook/shared/events'
import type { ControlFrame } from '@switchhook/shared/protocol'

/** The hub's first frame. */
export const connected = (head: string, hb = 20): ControlFrame => ({
  event: 'connected',
  data: { clientId: 'me-1', user: 'me', proto: 'switchhook.v1', head, hb, resume: true },
})

export const snapshot = (seq: number, part = 1, last = true): ControlFrame => ({
  event: 'snapshot',
  data: { seq, part, last, calls: [], agents: [] },
})

export const head = (seq: number): ControlFrame => ({ event: 'head', data: { seq, time: '' } })

export const resumed = (from: number, to: number): ControlFrame => ({
  event: 'resumed',
  data: { from, to, count: to - from },
})

/** A numbered event, like the hub would send it. */
export function event(seq: number, prev = seq - 1, replay = false): EventFrame {
  return {
    event: 'call-ringing',
    seq,
    prev,
    id: `telnyx:${seq}`,
    time: '2026-09-21T14:13:20.076Z',
    call: 'c1',
    ...(replay && { replay: true }),
    data: {
      call: { id: 'c1', provider: 'telnyx', provider_ids: {} },
      leg_id: null,
      direction: 'inbound',
      from: null,
      to: null,
      agent: null,
      state: { phase: 'ringing', held: false, reason: null },
      details: {},
      raw_type: 'call.ringing',
      raw_ref: '',
    },
  }
}
