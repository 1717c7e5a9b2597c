import t from 'tap'
import { HubError } from '@switchhook/browser'
import { connected, event, head, resumed, snapshot } from './frames.ts'
import { client, live, startHub } from './scripted-hub.ts'
import type { ControlFrames, ControlName } from '@switchhook/shared/protocol'

/** Takes the next message and answers it. */
async function answer<Name extends ControlName>(
  { say, messages }: Awaited<ReturnType<typeof live>>['guest'],
  event: Name,
  data: ControlFrames[Name],
) {
  const { id, ...message } = await messages.next('message')
  say({ event, data, id: id! } as Parameters<typeof say>[0])
  return message
}

t.test('what a client asks is answered to whoever asked', async (t) => {
  const { me, guest } = await live(t)
  const { connection } = me
  const asked = [
    connection.claim('c1', 'screen-pop', { ttlMs: 5_000 }),
    connection.release('c1', 'screen-pop'),
    connection.setPresence('away', 'lunch'),
    connection.history({ after: 2, limit: 10, call: 'c1' }),
  ]
  const claim = { call: 'c1', action: 'screen-pop' }
  t.strictSame(await answer(guest, 'claimed', { ...claim, granted: false, by: 'u2' }), {
    type: 'claim',
    data: { ...claim, ttlMs: 5_000 },
  })
  t.strictSame(await answer(guest, 'claimed', { ...claim, granted: false }), {
    type: 'release',
    data: claim,
  })
  t.strictSame(await answer(guest, 'ack', {}), {
    type: 'presence',
    data: { state: 'away', note: 'lunch' },
  })
  const events = [event(3)]
  t.strictSame(await answer(guest, 'history', { events, next: null }), {
    type: 'history',
    data: { after: 2, limit: 10, call: 'c1' },
  })
  const [claimed, , , history] = await Promise.all(asked)
  t.strictSame(claimed, { ...claim, granted: false, by: 'u2' })
  t.strictSame(history, { events, next: null })
  t.strictSame(me.events, [], 'what history brings is no news')
})

t.test('a refusal rejects with the code of the hub, and what it advises', async (t) => {
  const { me, guest } = await live(t)
  const claimed = me.connection.claim('c1', 'screen-pop')
  await answer(guest, 'error', {
    code: 'rate_limited',
    message: 'Too many requests',
    retryMs: 2_000,
  })
  const error: unknown = await claimed.catch((reason: unknown) => reason)
  t.ok(error instanceof HubError)
  t.match(error, { code: 'rate_limited', message: 'Too many requests', retryMs: 2_000 })
})

t.test('a request waits for the connection, but not for ever', async (t) => {
  const hub = await startHub(t)
  const me = client(t, hub.url)
  const [late, early] = [me.connection.setPresence('away'), me.connection.claim('c1', 'screen-pop')]
  const guest = await hub.guest()
  guest.say(connected('k7:0'), snapshot(0))
  t.equal((await guest.messages.next('message')).type, 'presence')
  await answer(guest, 'claimed', { call: 'c1', action: 'screen-pop', granted: true })
  t.ok((await early).granted)
  me.clock.advance(10_000)
  await t.rejects(late, { code: 'timeout' })
})

t.test('what was asked on a lost connection is not answered any more', async (t) => {
  const { me, guest } = await live(t)
  const asked = me.connection.claim('c1', 'screen-pop')
  await guest.messages.next('message')
  guest.socket.terminate()
  await t.rejects(asked, { code: 'connection_lost' })
  me.connection.close()
  await t.rejects(me.connection.claim('c1', 'screen-pop'), { code: 'closed' })
})

t.test('a hundred requests may wait, and a hundred listeners of a name listen', async (t) => {
  const { me } = await live(t)
  const waiting = Array.from({ length: 100 }, () => me.connection.setPresence('away'))
  const settled = Promise.allSettled(waiting)
  await t.rejects(me.connection.setPresence('away'), { code: 'rate_limited' })
  me.connection.close()
  t.ok((await settled).every(({ status }) => status === 'rejected'))
  const offs = Array.from({ length: 100 }, () => me.connection.on('call-ringing', () => {}))
  t.throws(() => me.connection.on('call-ringing', () => {}), { message: 'too many listeners' })
  offs[0]!()
  t.ok(me.connection.on('call-ringing', () => {}))
})

t.test('channels are kept for the sockets to come', async (t) => {
  const { hub, me, guest } = await live(t)
  const more = me.connection.subscribe(['queue:sales', 'queue:ops'], { snapshot: 'always' })
  const denied = [{ channel: 'queue:ops', code: 'forbidden' as const }]
  t.strictSame(
    await answer(guest, 'subscribed', { channels: ['queue:sales'], denied, head: 'k7:5' }),
    {
      type: 'subscribe',
      data: { channels: ['queue:sales', 'queue:ops'], snapshot: 'always' },
    },
  )
  t.strictSame((await more).denied, denied)
  const fewer = me.connection.unsubscribe(['calls'])
  await answer(guest, 'unsubscribed', { channels: ['calls'], head: 'k7:5' })
  await fewer
  guest.socket.terminate()
  me.clock.advance((await me.state('reconnecting')).inMs)
  const { url } = await hub.guest()
  t.equal(url, '/ws/call?sub=agent%3Ame&sub=queue%3Asales&cursor=k7%3A5')
})

t.test('channels can be named from the beginning, also none', async (t) => {
  const hub = await startHub(t)
  client(t, hub.url, { subscribe: ['queue:sales', 'presence'] })
  t.equal((await hub.guest()).url, '/ws/call?sub=queue%3Asales&sub=presence')
  client(t, hub.url, { subscribe: [] })
  t.equal((await hub.guest()).url, '/ws/call?sub=none')
})

t.test('a changed view begins with a snapshot, on the same socket', async (t) => {
  const { me, guest } = await live(t)
  guest.say({ event: 'resync', data: { reason: 'view_changed', oldest: 1, head: 'k7:6' } })
  t.strictSame(await me.state('catching-up'), { name: 'catching-up', count: null })
  guest.say(snapshot(6), event(7, 2))
  await me.heard(7)
  guest.say(head(7))
  await me.state('live')
  t.match(me.snapshots, [{ seq: 5 }, { seq: 6 }])
})

t.test('a token is replaced before it expires, without a pause', async (t) => {
  let issued = 0
  const { me, guest } = await live(t, { token: 'first', getToken: () => `fresh.${++issued}` })
  t.match(guest.protocols, 'bearer.first')
  guest.say({ event: 'auth-expiring', data: { exp: 1_795_176_000, inMs: 60_000 } })
  t.match(await answer(guest, 'auth', { exp: 1_795_179_600, scopes: [] }), {
    type: 'auth',
    data: { token: 'fresh.1' },
  })
  guest.say(event(6))
  await me.heard(6)
  t.equal(me.states.waiting, 0)
})

t.test('a ticket goes into the address, a new one for each connection', async (t) => {
  const hub = await startHub(t)
  let issued = 0
  const me = client(t, hub.url, { token: '', ticket: async () => `t${++issued}` })
  const guest = await hub.guest()
  t.equal(guest.url, '/ws/call?ticket=t1')
  t.equal(guest.protocols, 'switchhook.v1')
  guest.say(connected('k7:5'), snapshot(5))
  await me.state('live')
  guest.socket.close(4401, 'token_expired')
  const again = await hub.guest()
  t.equal(again.url, '/ws/call?cursor=k7%3A5&ticket=t2')
  again.say(connected('k7:5'), resumed(5, 5))
  await me.state('live')
})
