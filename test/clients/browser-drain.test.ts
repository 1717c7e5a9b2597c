import t from 'tap'
import { once } from 'node:events'
import { connected, event, head, resumed, snapshot } from './frames.ts'
import { deadlineMs, live } from './scripted-hub.ts'
import type { ControlFrame } from '@switchhook/shared/protocol'

const drain: ControlFrame = {
  event: 'drain',
  data: { reason: 'deploy', deadlineMs: 15_000, slotMs: 5_000 },
}

t.test('a client of a hub that drains is elsewhere before it leaves', async (t) => {
  const { hub, me, guest: old } = await live(t)
  const left = once(old.socket, 'close', { signal: AbortSignal.timeout(deadlineMs) })
  old.say(drain, event(6), head(6))
  await me.heard(6)
  me.clock.advance(2_499)
  me.clock.advance(1)
  const next = await hub.guest()
  t.equal(next.url, '/ws/call?cursor=k7%3A6')
  old.say(event(7))
  await me.heard(7)
  next.say(connected('k7:8'), event(7, 6, true), event(8, 7, true))
  await me.heard(8)
  old.say(event(8), event(9))
  await me.heard(9)
  next.say(event(9, 8, true), resumed(6, 9), event(10))
  await me.heard(10)
  t.equal((await left)[0], 1000)
  t.strictSame(me.events, [6, 7, 8, 9, 10], 'each once')
  t.equal(me.states.waiting, 0, 'nobody noticed')
  t.equal(me.connection.state.name, 'live')
})

t.test('what is asked while it moves is answered by the new hub', async (t) => {
  const { hub, me, guest: old } = await live(t)
  old.say(drain, event(6))
  await me.heard(6)
  me.clock.advance(2_500)
  const next = await hub.guest()
  const claimed = me.connection.claim('c1', 'screen-pop')
  next.say(connected('k7:6'), resumed(6, 6))
  const { type, id } = await next.messages.next('message')
  t.equal(type, 'claim')
  const data = { call: 'c1', action: 'screen-pop', granted: true }
  next.say({ event: 'claimed', id: id!, data })
  t.strictSame(await claimed, data)
  t.equal(old.messages.waiting, 0)
})

t.test('a new hub that cannot continue sends a snapshot, and that is a fresh start', async (t) => {
  const { hub, me, guest: old } = await live(t)
  old.say(drain, event(6))
  await me.heard(6)
  me.clock.advance(5_000)
  const next = await hub.guest()
  next.say(connected('m1:2'))
  next.say({ event: 'resync', data: { reason: 'epoch', oldest: 1, head: 'm1:2' } }, snapshot(2))
  await me.state('live')
  next.say(event(3))
  await me.heard(3)
  t.equal(me.connection.cursor, 'm1:3')
})

t.test('a new socket that fails changes nothing for the old one', async (t) => {
  const { hub, me, guest: old } = await live(t)
  old.say(drain, event(6))
  await me.heard(6)
  me.clock.advance(5_000)
  const next = await hub.guest()
  next.say(connected('k7:7'), event(9, 8, true))
  await once(next.socket, 'close', { signal: AbortSignal.timeout(deadlineMs) })
  old.say(event(7))
  await me.heard(7)
  old.socket.close(1012, 'restart 1000')
  const { inMs } = await me.state('reconnecting')
  me.clock.advance(inMs)
  t.equal((await hub.guest()).url, '/ws/call?cursor=k7%3A7')
  t.strictSame(me.events, [6, 7])
})
