import { once } from 'node:events'
import t from 'tap'
import { WebSocket } from 'ws'
import { connected, event, head, resumed, snapshot } from './frames.ts'
import { client, live, startHub } from './scripted-hub.ts'

t.test('the token travels as a subprotocol, and nowhere else', async (t) => {
  const hub = await startHub(t)
  client(t, hub.url)
  const guest = await hub.guest()
  t.equal(guest.protocols, 'switchhook.v1, bearer.a.b.c')
  t.equal(guest.url, '/ws/call')
})

t.test('an http address is as good as a ws one', async (t) => {
  const hub = await startHub(t)
  client(t, hub.url.replace('ws:', 'http:'))
  t.equal((await hub.guest()).url, '/ws/call')
})

t.test('it begins where an earlier client stopped', async (t) => {
  const hub = await startHub(t)
  const me = client(t, `${hub.url}?sub=calls`, { cursor: 'k7:3' })
  const guest = await hub.guest()
  t.equal(guest.url, '/ws/call?sub=calls&cursor=k7%3A3')
  guest.say(connected('k7:4'), event(4, 3, true), resumed(3, 4))
  await me.state('live')
  t.strictSame(me.events, [4])
  t.strictSame(me.snapshots, [])
})

t.test('it is live only when the hub has confirmed that nothing is missing', async (t) => {
  const hub = await startHub(t)
  const me = client(t, hub.url)
  const guest = await hub.guest()
  t.equal(me.connection.state.name, 'connecting')
  guest.say(connected('k7:8'))
  t.strictSame(await me.state('catching-up'), { name: 'catching-up', count: null })
  guest.say(snapshot(5))
  t.strictSame(await me.state('catching-up'), { name: 'catching-up', count: 3 })
  guest.say(event(6), event(7))
  t.strictSame(await me.state('catching-up'), { name: 'catching-up', count: 2 })
  t.strictSame(await me.state('catching-up'), { name: 'catching-up', count: 1 })
  guest.say(event(8))
  await me.state('live')
  t.strictSame(me.events, [6, 7, 8])
  t.equal(me.connection.cursor, 'k7:8')
})

t.test('a head confirms a view that does not show every event', async (t) => {
  const hub = await startHub(t)
  const me = client(t, hub.url)
  const guest = await hub.guest()
  guest.say(connected('k7:8'), snapshot(5))
  t.equal((await me.state('catching-up')).count, null)
  t.equal((await me.state('catching-up')).count, 3)
  guest.say(head(8))
  await me.state('live')
  guest.say(event(12, 5), head(12))
  guest.say(event(13, 12))
  guest.say({ event: 'pong', data: { timestamp: 0 } }, connected('k7:20'))
  t.equal((await me.state('catching-up')).count, 7, 'numbers of other views are no holes')
  t.strictSame(me.events, [12, 13])
})

t.test('what was seen before is dropped', async (t) => {
  const { me, guest } = await live(t)
  guest.say(event(6), event(6), event(5), event(7), event(3), event(8), connected('k7:9'))
  await me.state('catching-up')
  t.strictSame(me.events, [6, 7, 8])
})

t.test('the parts of a snapshot arrive as one', async (t) => {
  const hub = await startHub(t)
  const me = client(t, hub.url)
  const guest = await hub.guest()
  guest.say(connected('k7:5'), snapshot(5, 1, false), snapshot(5, 2, false), snapshot(5, 3))
  await me.state('live')
  t.match(me.snapshots, [{ seq: 5, calls: [] }])
})

t.test('a hole is filled by a resume, and nothing is taken before it is', async (t) => {
  const { me, guest } = await live(t)
  guest.say(event(6), event(9), event(10), head(10))
  t.match(await guest.messages.next('message'), { type: 'resume', data: { cursor: 'k7:6' } })
  t.equal((await me.state('catching-up')).count, 3)
  guest.say(event(7, 6, true), event(8, 7, true), event(9, 8, true), event(10, 9, true))
  guest.say(resumed(6, 10), event(11))
  await me.state('live')
  guest.say(connected('k7:12'))
  await me.state('catching-up')
  t.strictSame(me.events, [6, 7, 8, 9, 10, 11])
  t.equal(guest.messages.waiting, 0, 'one question is enough')
})

t.test('a hub that cannot fill a hole is left, and asked for a snapshot', async (t) => {
  const { hub, me, guest } = await live(t)
  guest.say(event(8, 7))
  await guest.messages.next('message')
  guest.say(event(8, 7, true))
  t.match(await me.state('reconnecting'), { why: /hole after 5/ })
  me.clock.advance(20_000)
  const again = await hub.guest()
  t.equal(again.url, '/ws/call', 'without a cursor')
  again.say(connected('k7:9'), head(9), event(10))
  t.equal((await again.messages.next('message')).type, 'snapshot', 'also where none comes unasked')
  t.equal((await me.state('catching-up')).count, null, 'a head is not enough now')
  again.say(snapshot(10), event(11))
  await me.state('live')
  again.say(connected('k7:12'))
  await me.state('catching-up')
  t.strictSame(me.events, [11])
})

t.test('any WebSocket will do, and one that cannot connect is tried again', async (t) => {
  const me = client(t, 'ws://127.0.0.1:9/ws', { WebSocket })
  t.match(await me.state('reconnecting'), { why: 'the connection was lost' })
  const hub = await startHub(t)
  const other = client(t, hub.url, { WebSocket })
  const guest = await hub.guest()
  guest.say(connected('k7:1'), snapshot(1))
  await other.state('live')
})

t.test('a lost connection continues at its cursor', async (t) => {
  const { hub, me, guest } = await live(t)
  guest.say(event(6))
  // A closing handshake, so that the event is not lost with the socket.
  guest.socket.close(1011, 'internal x')
  const { inMs, why } = await me.state('reconnecting')
  t.ok(inMs >= 500 && inMs <= 20_000)
  t.equal(why, 'the hub said internal x')
  me.clock.advance(inMs)
  const again = await hub.guest()
  t.equal(again.url, '/ws/call?cursor=k7%3A6')
  again.say(connected('k7:8'), event(7, 6, true), event(8, 7, true))
  t.equal((await me.state('catching-up')).count, 2)
  again.say(resumed(6, 8), head(8))
  await me.state('live')
  t.strictSame(me.events, [6, 7, 8])
  t.equal(me.snapshots.length, 1, 'the first one')
})

t.test('a hub that cannot continue sends a snapshot, which starts all over', async (t) => {
  const { hub, me, guest } = await live(t)
  guest.socket.terminate()
  me.clock.advance((await me.state('reconnecting')).inMs)
  const again = await hub.guest()
  again.say(connected('m1:2'))
  t.equal((await me.state('catching-up')).count, null, 'a cursor of another epoch is worth nothing')
  again.say({ event: 'resync', data: { reason: 'epoch', oldest: 1, head: 'm1:2' } }, snapshot(2))
  await me.state('live')
  again.say(event(3), connected('m1:4'))
  await me.state('catching-up')
  t.equal(me.connection.cursor, 'm1:3')
  t.strictSame(me.events, [3])
  t.match(me.snapshots, [{ seq: 5 }, { seq: 2 }])
})

t.test('nonsense ends the connection, and the next one begins with a snapshot', async (t) => {
  for (const nonsense of ['{', 'null', '{"event":"snapshot"}', '{"event":"head","data":null}']) {
    const { hub, me, guest } = await live(t)
    guest.socket.send(nonsense)
    await me.state('reconnecting')
    me.clock.advance(20_000)
    await hub.guest()
    me.connection.close()
  }
})

t.test('frames of a later protocol are ignored', async (t) => {
  const { me, guest } = await live(t)
  guest.socket.send('{"event":"meter","data":{"level":3}}')
  guest.say(event(6), connected('k7:7'))
  await me.state('catching-up')
  t.strictSame(me.events, [6])
})

t.test("a listener's mistake costs no event", async (t) => {
  const events: number[] = []
  const { me, guest } = await live(t, {
    onEvent({ seq }) {
      events.push(seq)
      if (seq === 6) throw new Error('mine')
    },
  })
  const uncaught = once(process, 'uncaughtException')
  guest.say(event(6), event(7), connected('k7:8'))
  await me.state('catching-up')
  t.strictSame(events, [6, 7])
  t.match(await uncaught, [{ message: 'mine' }], 'and it is not swallowed')
})
