import { test } from 'tap'
import { agent, cause, event, permutations, record, wholeCall } from './projections-sample.ts'
import type { SequencedEvent } from '@switchhook/shared/projections'

test('shows the whole record of a call, and nothing else', async (t) => {
  t.strictSame(record(...wholeCall), {
    id: 'c1',
    phase: 'ended',
    held: false,
    direction: 'inbound',
    from: '+12025550133',
    to: '+12025550131',
    provider: 'telnyx',
    provider_ids: { call_session_id: 'c1' },
    agent: agent('ada'),
    queue: null,
    legs: [
      {
        id: 'l1',
        phase: 'ended',
        initiated_at: '2026-09-21T14:13:01.000Z',
        ringing_at: '2026-09-21T14:13:02.000Z',
        answered_at: '2026-09-21T14:13:03.000Z',
        ended_at: '2026-09-21T14:13:06.000Z',
      },
    ],
    reason: 'normal_clearing',
    initiated_at: '2026-09-21T14:13:01.000Z',
    ringing_at: '2026-09-21T14:13:02.000Z',
    answered_at: '2026-09-21T14:13:03.000Z',
    ended_at: '2026-09-21T14:13:06.000Z',
    last_event: { event: 'call-recording-saved', seq: 7, time: '2026-09-21T14:13:07.000Z' },
  })
})

test('phase', async (t) => {
  t.test('is unknown while no event has proved one, and such an event makes no leg', async (t) => {
    const { phase, legs, last_event } = record(event('dtmf.received', 1), event('call.cost', 2))
    t.strictSame([phase, legs, last_event.event], ['unknown', [], 'call-cost'])
  })

  t.test('queued has a phase and no time', async (t) => {
    const { phase, initiated_at, ringing_at, answered_at } = record(event('call.queued', 1))
    t.strictSame([phase, initiated_at, ringing_at, answered_at], ['queued', null, null, null])
    t.equal(record(event('call.queued', 2), event('call.answered', 1)).phase, 'answered')
  })

  t.test('is the highest of the legs that go on, ended only with the last', async (t) => {
    const other = { legId: 'l2' }
    const events = [
      event('call.answered', 1),
      event('call.ringing', 2, other),
      event('call.hangup', 3),
      event('call.answered', 4, other),
      event('call.hangup', 5, other),
    ]
    const after = events.map((_, index) => record(...events.slice(0, index + 1)))
    t.strictSame(
      after.map(({ phase }) => phase),
      ['answered', 'answered', 'ringing', 'answered', 'ended'],
    )
    t.strictSame(
      after.map(({ ended_at }) => ended_at),
      [null, null, null, null, '2026-09-21T14:13:05.000Z'],
      'a call is over when its last leg is',
    )
  })

  t.test('opens again with a new leg after the end', async (t) => {
    const before = [event('call.answered', 1), event('call.hangup', 2)]
    t.equal(record(...before).phase, 'ended')
    const again = record(...before, event('call.ringing', 3, { legId: 'l2' }))
    t.strictSame([again.phase, again.ended_at, again.reason], ['ringing', null, null])
    t.equal(again.legs[0]?.phase, 'ended', 'the old leg stays ended')
  })

  t.test('without leg ids the call is its own leg', async (t) => {
    const { legs, phase } = record(
      event('call.answered', 1, { legId: null }),
      event('call.hangup', 2, { legId: null }),
    )
    t.strictSame([phase, legs.map(({ id }) => id)], ['ended', ['c1']])
  })
})

test('times', async (t) => {
  t.test('are the earliest of their event per leg, and of all legs', async (t) => {
    const { legs, answered_at } = record(
      event('call.answered', 5),
      event('call.answered', 3, { legId: 'l2' }),
      event('call.answered', 4),
    )
    t.strictSame(
      legs.map((leg) => leg.answered_at),
      ['2026-09-21T14:13:04.000Z', '2026-09-21T14:13:03.000Z'],
    )
    t.equal(answered_at, '2026-09-21T14:13:03.000Z')
  })

  t.test('a leg ends with its first end event, the call with the last leg’s', async (t) => {
    const events = [
      event('call.hangup', 7),
      event('call.missed', 3),
      event('call.hangup', 5, { legId: 'l2' }),
    ]
    t.equal(record(...events).legs[0]?.ended_at, '2026-09-21T14:13:03.000Z')
    t.equal(record(...events).ended_at, '2026-09-21T14:13:05.000Z')
  })

  t.test('are put in order as text, to the millisecond and over midnight', async (t) => {
    const times = [
      '2026-09-30T23:59:59.999Z',
      '2026-10-01T00:00:00.000Z',
      '2026-10-01T00:00:00.001Z',
      '2026-10-01T00:00:00.010Z',
    ]
    for (const [index, time] of times.entries()) {
      const late = event('call.cost', 1, { time, id: 'z' })
      const later = event('call.cost', 2, { time: times[index + 1] ?? '2027', id: 'a' })
      t.equal(record(later, late).last_event.seq, 2, time)
    }
  })

  t.test('in another form still give one record in every order', async (t) => {
    const odd = ['+010000-01-01T00:00:00.000Z', '-000001-12-31T23:00:00.000Z', '', 'yesterday']
    const events = odd.map((time, index) =>
      event('call.answered', index + 1, { time, from: `+${index}` }),
    )
    const records = [...permutations(events)].map((order) => JSON.stringify(record(...order)))
    t.equal(new Set(records).size, 1)
  })
})

test('held is what the last writer said, and false once ended', async (t) => {
  const held = event('call.held', 4)
  t.equal(record(event('call.answered', 1), held).held, true)
  t.equal(record(held, event('call.resumed', 3), event('call.answered', 1)).held, true)
  t.equal(record(held, event('call.resumed', 5), event('call.answered', 1)).held, false)
  const resumed = event('call.resumed', 4, { order: 1, id: 'a' })
  t.equal(record(resumed, held).held, false, 'the order value decides within a millisecond')
  t.equal(record(event('call.resumed', 4, { id: 'z' }), held).held, false, 'then the id')
  t.equal(record(held, event('call.hangup', 6)).held, false)
  t.equal(record(held, event('call.hangup', 2)).held, false)
})

const reason = (...events: SequencedEvent[]) => record(...events).reason

test('reason', async (t) => {
  const answered = event('call.answered', 2)
  const initiated = event('call.initiated', 1, { direction: 'inbound' })
  const hangup = event('call.hangup', 3)

  t.test('is null until the call has ended', async (t) => {
    t.equal(reason(initiated, answered), null)
    const busy = event('call.hangup', 3, cause('user_busy'))
    t.equal(reason(answered, busy, event('call.ringing', 4, { legId: 'l2' })), null)
  })

  t.test('is the earliest cause of a hangup before all else', async (t) => {
    const busy = event('call.hangup', 3, cause('user_busy'))
    const normal = event('call.hangup', 4, cause('normal_clearing'))
    t.equal(reason(normal, answered, busy), 'user_busy')
    t.equal(reason(initiated, event('call.missed', 2), normal), 'normal_clearing')
    const first = event('call.hangup', 4, { ...cause('rejected'), id: 'a' })
    t.equal(reason(normal, first), 'rejected', 'the id decides between equals')
  })

  t.test('takes a cause from a hangup only, and only a word', async (t) => {
    t.equal(reason(answered, event('call.hangup', 3, cause(''))), 'completed')
    t.equal(reason(answered, event('call.hangup', 3, { details: { cause: 7 } })), 'completed')
    t.equal(reason(answered, hangup, event('call.recording.failed', 4, cause('disk'))), 'completed')
  })

  t.test('is missed if said, or if nobody answered an inbound call', async (t) => {
    t.equal(reason(event('call.missed', 1)), 'missed')
    t.equal(reason(answered, event('call.missed', 3)), 'missed', 'said goes before completed')
    t.equal(reason(hangup, initiated), 'missed')
  })

  t.test('is completed if answered, otherwise unknown', async (t) => {
    t.equal(reason(hangup, answered, initiated), 'completed')
    t.equal(reason(hangup), 'unknown')
    t.equal(reason(hangup, event('call.initiated', 1, { direction: 'outbound' })), 'unknown')
  })
})

test('direction and numbers are the first that were said, the agent the last', async (t) => {
  const {
    direction,
    from,
    to,
    agent: shown,
  } = record(
    event('call.answered', 3, { from: '+3', to: '+33', agent: agent('cy') }),
    event('call.bridged', 4, { direction: 'outbound', callId: 'c2' }),
    event('call.initiated', 1, { callId: 'c0' }),
    event('call.ringing', 2, { from: '+2', agent: agent('ada') }),
    event('call.hangup', 5, { direction: 'inbound' }),
  )
  t.strictSame([direction, from, to], ['outbound', '+2', '+33'])
  t.strictSame(shown, agent('cy'))
})

test('provider ids are joined, the first writer of each key wins', async (t) => {
  const { provider_ids } = record(
    event('call.answered', 2, { providerIds: { call_session_id: 'late', call_leg_id: 'l2' } }),
    event('call.initiated', 1, { providerIds: { call_session_id: 'c1', call_control_id: 'v3' } }),
  )
  t.strictSame(provider_ids, { call_session_id: 'c1', call_control_id: 'v3', call_leg_id: 'l2' })
})

test('the last event is the one that happened last', async (t) => {
  const { last_event } = record(
    event('call.hangup', 9, { seq: 1 }),
    event('call.ringing', 2, { seq: 7 }),
  )
  t.strictSame(last_event, { event: 'call-hangup', seq: 1, time: '2026-09-21T14:13:09.000Z' })
})

test('a made-up end', async (t) => {
  const answered = event('call.answered', 2)
  const madeUp = event('call.hangup', 9, {
    provider: 'switchhook',
    callId: 'other',
    legId: null,
    providerIds: {},
    details: { cause: 'stale', synthetic: true },
  })

  t.test('ends a call while nothing later is known, and says nothing else of it', async (t) => {
    const { phase, reason, ended_at, provider, legs } = record(madeUp, answered)
    t.strictSame([phase, reason, ended_at, provider], ['ended', 'stale', madeUp.time, 'telnyx'])
    t.strictSame(
      legs.map((leg) => [leg.id, leg.phase]),
      [['l1', 'answered']],
    )
    t.equal(record(madeUp, event('dtmf.received', 1)).reason, 'stale', 'without a leg, too')
  })

  t.test('gives way to what happened later, and to a true end', async (t) => {
    const later = event('call.held', 10)
    t.match(record(answered, madeUp, later), { phase: 'answered', held: true, reason: null })
    const hangup = event('call.hangup', 3)
    t.match(record(madeUp, answered, hangup), { reason: 'completed', ended_at: hangup.time })
    const busy = event('call.hangup', 3, cause('user_busy'))
    t.match(record(answered, madeUp, busy), { reason: 'user_busy', ended_at: busy.time })
  })

  t.test('of another provider is an end like any other', async (t) => {
    t.equal(record(answered, { ...madeUp, provider: 'telnyx', legId: 'l1' }).ended_at, madeUp.time)
  })
})
