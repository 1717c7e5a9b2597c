import t from 'tap'
import { connected, event, head, resumed, snapshot } from './frames.ts'
import { live } from './scripted-hub.ts'
import type { EventData, EventFrame } from '@switchhook/shared/events'
import type { PresenceEntry } from '@switchhook/shared/protocol'

/** An event of a call with its own data. */
function told(seq: number, name: string, data: Partial<EventData>): EventFrame {
  const frame = event(seq)
  const call = seq < 9 ? 'c1' : 'c2'
  const time = `2026-09-21T14:13:${String(seq + 10)}.000Z`
  return { ...frame, event: name, time, call, data: { ...frame.data, ...data } }
}

t.test('the live calls are those of the snapshot and of the events after it', async (t) => {
  const { me, guest } = await live(t)
  const { connection } = me
  let told5 = 0
  connection.on('calls', () => (told5 += 1))
  t.equal(connection.calls.size, 0)
  const ringing = { phase: 'ringing', held: false, reason: null } as const
  guest.say(
    told(6, 'call-initiated', { from: '+1', to: '+2', state: { ...ringing, phase: 'initiated' } }),
    told(7, 'call-ringing', { from: '+9', state: ringing, agent: null }),
    told(8, 'call-answered', { state: { ...ringing, phase: 'answered' } }),
  )
  await me.heard(8)
  t.match(connection.calls.get('c1'), {
    id: 'c1',
    phase: 'answered',
    from: '+1',
    to: '+2',
    provider: 'telnyx',
    initiated_at: '2026-09-21T14:13:16.000Z',
    ringing_at: '2026-09-21T14:13:17.000Z',
    answered_at: '2026-09-21T14:13:18.000Z',
    last_event: { event: 'call-answered', seq: 8 },
  })
  const call = { id: 'c2', provider: 'telnyx', provider_ids: {}, merged: ['c1'] }
  guest.say(told(9, 'call-bridged', { call, state: { ...ringing, phase: 'answered' } }))
  await me.heard(9)
  t.strictSame([...connection.calls.keys()], ['c2'])
  t.equal(connection.calls.get('c2')?.from, '+1', 'what was known of its part is known of it')
  const ended = { phase: 'ended', held: false, reason: 'completed' } as const
  guest.say(told(10, 'call-hangup', { state: ended }))
  guest.say(told(11, 'call-cost', { state: ended }))
  await me.heard(11)
  t.equal(connection.calls.size, 0, 'and what is told afterwards does not bring it back')
  t.equal(told5, 6)
})

t.test('a call that was given to somebody else is gone', async (t) => {
  const { me, guest } = await live(t)
  guest.say(event(6))
  await me.heard(6)
  t.equal(me.connection.calls.size, 1)
  const removed = new Promise((resolve) => me.connection.on('call-removed', resolve))
  guest.say({ event: 'call-removed', data: { call: 'c1' } })
  t.strictSame(await removed, { call: 'c1' })
  t.equal(me.connection.calls.size, 0)
})

t.test('events are told by name, and to all', async (t) => {
  const { me, guest } = await live(t)
  const heard: string[] = []
  me.connection.on('call-ringing', ({ event: name, seq }) => heard.push(`${name} ${seq}`))
  const off = me.connection.on('event', ({ seq }) => heard.push(`any ${seq}`))
  me.connection.on('custom-order', ({ data }) => heard.push(String(data.details['sku'])))
  guest.say(event(6), told(7, 'custom-order', { details: { sku: 'x1' } }))
  await me.heard(7)
  off()
  guest.say(event(8))
  await me.heard(8)
  t.strictSame(heard, ['any 6', 'call-ringing 6', 'any 7', 'x1', 'call-ringing 8'])
})

t.test('presence is the first whole and the changes after it', async (t) => {
  const { hub, me, guest } = await live(t)
  const entry = (state: string): PresenceEntry => ({
    agent: 'u1',
    name: 'A',
    state,
    note: null,
    sockets: 1,
    sip: null,
    provider: null,
    reachable: true,
    missing: [],
    since: '',
    seen: null,
  })
  const { connection } = me
  guest.say({ event: 'presence', data: { set: { u1: entry('away'), u2: entry('away') }, del: [] } })
  guest.say({ event: 'presence', data: { set: { u1: entry('busy') }, del: ['u2'] } }, event(6))
  await me.heard(6)
  t.equal(connection.presence.get('u1')?.state, 'busy')
  t.equal(connection.presence.size, 1)
  guest.socket.terminate()
  me.clock.advance((await me.state('reconnecting')).inMs)
  const again = await hub.guest()
  again.say(connected('k7:6'), resumed(6, 6))
  again.say({ event: 'presence', data: { set: { u3: entry('away') }, del: [] } }, event(7))
  await me.heard(7)
  t.strictSame([...connection.presence.keys()], ['u3'])
})

t.test('a gap is made good for by a snapshot or by a replay, and nothing is asked', async (t) => {
  const { me, guest } = await live(t)
  guest.say({ event: 'gap', data: { from: 5, to: 9, reason: 'slow' } })
  t.strictSame(await me.state('catching-up'), { name: 'catching-up', count: 4 })
  guest.say(snapshot(9), event(10, 9))
  await me.state('live')
  guest.say({ event: 'gap', data: { from: 10, to: 14, reason: 'log_lag' } })
  await me.state('catching-up')
  guest.say(event(12, 10, true), event(14, 12, true), head(15))
  await me.state('live')
  t.strictSame(me.events, [10, 12, 14])
  t.equal(guest.messages.waiting, 0)
})

t.test('a notice is passed on', async (t) => {
  const { me, guest } = await live(t)
  const notice = { code: 'deprecated-origin', text: 'Use https://new.example.' } as const
  const heard = new Promise((resolve) => me.connection.on('notice', resolve))
  guest.say({ event: 'notice', data: notice })
  t.strictSame(await heard, notice)
})

t.test('a hub that cannot fill a hole now is left, and asked again later', async (t) => {
  const { hub, me, guest } = await live(t)
  guest.say(event(7, 6))
  const { id } = await guest.messages.next('message')
  const refusal = { code: 'unavailable', message: 'Ask again later' }
  guest.say({ event: 'error', id: id!, data: { ...refusal, code: 'conflict' } })
  guest.say({ event: 'error', id: id!, data: refusal })
  const { inMs, why } = await me.state('reconnecting')
  t.equal(why, 'Ask again later')
  me.clock.advance(inMs)
  await hub.guest()
})
