import { once } from 'node:events'
import t, { type Test } from 'tap'
import { closeCodes } from '@switchhook/shared/protocol'
import { backoff } from '../../clients/browser/link/backoff.ts'
import { readClose } from '../../clients/browser/link/close.ts'
import { connected, event, resumed, snapshot } from './frames.ts'
import { client, deadlineMs, live, startHub } from './scripted-hub.ts'

t.test('a refused origin stops the client and says what to do', async (t) => {
  const hub = await startHub(t)
  const me = client(t, hub.url, { token: () => 'x.y.z' })
  const guest = await hub.guest()
  guest.socket.close(1008, 'origin_not_allowed https://preview.example')
  t.strictSame(await me.state('refused'), {
    name: 'refused',
    code: 'origin_not_allowed',
    detail: 'https://preview.example',
    fix: 'Add https://preview.example to ALLOWED_ORIGINS.',
  })
  t.equal(me.clock.pending, 0, 'nothing is planned')
  t.equal((await hub.question())['authorization'], 'Bearer x.y.z')
  me.connection.reconnect()
  t.ok(await hub.guest(), 'until it is told to')
})

t.test('a refused token is replaced once', async (t) => {
  const hub = await startHub(t)
  let issued = 0
  const me = client(t, hub.url, { token: async () => `token.${++issued}` })
  const first = await hub.guest()
  t.match(first.protocols, 'bearer.token.1')
  first.socket.close(1008, 'auth_invalid')
  const second = await hub.guest()
  t.match(second.protocols, 'bearer.token.2')
  second.socket.close(1008, 'auth_expired')
  t.match(await me.state('refused'), { code: 'auth_expired', fix: /fresh token/ })
  t.equal(me.clock.pending, 0)
})

t.test('a token that cannot be replaced is refused at once', async (t) => {
  const hub = await startHub(t)
  const me = client(t, hub.url, { token: 'a.b.c' })
  ;(await hub.guest()).socket.close(1008, 'auth_invalid')
  t.match(await me.state('refused'), { code: 'auth_invalid' })
  await t.rejects(me.connection.claim('c1', 'screen-pop'), { code: 'auth_invalid' })
})

t.test('a token that expires is replaced without a pause', async (t) => {
  let issued = 0
  const { hub, me, guest } = await live(t, { token: () => `token.${++issued}` })
  guest.socket.close(4401, 'token_expired')
  const again = await hub.guest()
  t.match(again.protocols, 'bearer.token.2')
  t.equal(again.url, '/ws/call?cursor=k7%3A5')
  again.say(connected('k7:5'), resumed(5, 5))
  await me.state('live')
})

t.test('a token source that fails is asked again later', async (t) => {
  const hub = await startHub(t)
  let asked = 0
  const me = client(t, hub.url, {
    token: () => (++asked === 1 ? Promise.reject(new Error('no network')) : 'a.b.c'),
  })
  const { inMs, why } = await me.state('reconnecting')
  t.equal(why, 'no token: no network')
  me.clock.advance(inMs)
  t.ok(await hub.guest())
})

t.test('text that is no token never leaves the page', async (t) => {
  const me = client(t, 'ws://127.0.0.1:9/ws', { token: 'two words' })
  t.match(await me.state('refused'), { code: 'bad_request' })
})

t.test('a restarting hub is given the time it asked for', async (t) => {
  const { me, guest } = await live(t)
  guest.socket.close(1012, 'restart 7000')
  const { inMs, why } = await me.state('reconnecting')
  t.ok(inMs >= 7_000 && inMs <= 27_000)
  t.equal(why, 'the hub said restart 7000')
})

t.test('a socket closed for idleness is replaced at once, but not again and again', async (t) => {
  const { hub, me, guest } = await live(t)
  guest.socket.close(4410, 'idle')
  const again = await hub.guest()
  again.socket.close(4410, 'idle')
  t.ok((await me.state('reconnecting')).inMs >= 500)
})

t.test('a hub that says no more is asked for a sign of life, and not waited for', async (t) => {
  const hub = await startHub(t)
  const me = client(t, hub.url)
  const guest = await hub.guest()
  guest.say(connected('k7:0', 3), snapshot(0))
  await me.state('live')
  me.clock.advance(5_000)
  me.clock.advance(1_000)
  t.equal((await guest.messages.next('message')).type, 'ping')
  guest.say({ event: 'pong', data: { timestamp: 0 } }, event(1))
  await me.heard(1)
  me.clock.advance(5_000)
  me.clock.advance(1_000)
  t.equal((await guest.messages.next('message')).type, 'ping')
  me.clock.advance(4_999)
  t.equal(me.connection.state.name, 'live')
  me.clock.advance(1)
  t.match(await me.state('reconnecting'), { why: 'the hub went silent' })
})

t.test('a machine that slept asks whether the hub is still there', async (t) => {
  const { me, guest } = await live(t)
  me.clock.advance(3_600_000)
  t.equal((await guest.messages.next('message')).type, 'ping')
  guest.say({ event: 'pong', data: { timestamp: 0 } }, event(6))
  await me.heard(6)
  t.equal(me.connection.state.name, 'live')
  me.clock.advance(3_600_000)
  me.clock.advance(5_000)
  t.match(await me.state('reconnecting'), { why: 'the hub went silent' })
})

t.test('a server that never greets is not waited for either', async (t) => {
  const hub = await startHub(t)
  const me = client(t, hub.url)
  await hub.guest()
  me.clock.advance(15_000)
  t.match(await me.state('reconnecting'), { why: 'the hub went silent' })
})

/** Pretends to be a page, for as long as the test lasts. @returns what makes something happen to it */
function fakePage(t: Test): (type: string) => void {
  const page = new EventTarget()
  Object.assign(globalThis, {
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  })
  t.teardown(() => {
    Reflect.deleteProperty(globalThis, 'addEventListener')
    Reflect.deleteProperty(globalThis, 'removeEventListener')
  })
  return (type) => page.dispatchEvent(new Event(type))
}

t.test(
  'a network that comes back ends the waiting, and puts an open socket to the test',
  async (t) => {
    const wake = fakePage(t)
    const { hub, me, guest } = await live(t)
    guest.socket.terminate()
    await me.state('reconnecting')
    wake('online')
    const again = await hub.guest()
    again.say(connected('k7:5'), resumed(5, 5))
    await me.state('live')
    wake('online')
    t.equal((await again.messages.next('message')).type, 'ping')
    me.clock.advance(5_000)
    await me.state('reconnecting')
  },
)

t.test('a closed client stays closed', async (t) => {
  const { me, guest } = await live(t)
  const closed = once(guest.socket, 'close', { signal: AbortSignal.timeout(deadlineMs) })
  me.connection.close()
  t.equal(me.connection.state.name, 'closed')
  t.strictSame((await closed)[0], 1000)
  t.equal(me.clock.pending, 0)
})

t.test('waiting grows from half a second to twenty, and no two clients wait alike', (t) => {
  t.equal(backoff(0, 0), 500)
  t.ok(backoff(0, 0.999) <= 2_000)
  t.equal(backoff(50, 0), 500)
  t.ok(backoff(50, 0.999_999) <= 20_000)
  t.ok(backoff(3, 0.9) > backoff(2, 0.9))
  t.ok(backoff(0, 0, 7_000) >= 7_000)
  t.ok(backoff(0, 0.5, 9e15) < 400_000, 'nobody waits for ever')
  t.end()
})

t.test('the client does after each close what the table says', async (t) => {
  for (const { code, client: after } of Object.values(closeCodes)) {
    t.equal(readClose(code, 'auth_invalid').after, after, String(code))
  }
  t.equal(readClose(1006, '').after, 'retry')
  t.equal(readClose(1008, 'app_disabled').after, 'stop', 'no token helps')
})

t.test('a hint is a time, and bytes are none', (t) => {
  t.equal(readClose(4429, 'rate 7000').retryMs, 7_000)
  t.equal(readClose(1013, 'overload 900').retryMs, 900)
  t.equal(readClose(4408, 'slow 1048576').retryMs, 0)
  t.end()
})

t.test('who comes back does not overrule what the hub asked for', async (t) => {
  const wake = fakePage(t)
  const { hub, me, guest } = await live(t)
  guest.socket.close(4429, 'rate 7000')
  const { inMs } = await me.state('reconnecting')
  wake('visibilitychange')
  t.equal(me.connection.state.name, 'reconnecting')
  me.clock.advance(inMs)
  await hub.guest()
})

t.test('a log that cannot be continued is left for a snapshot', async (t) => {
  const { hub, guest } = await live(t)
  guest.socket.close(4500, 'resync_required')
  const again = await hub.guest()
  t.equal(again.url, '/ws/call', 'without a cursor')
  again.say(connected('k7:2'))
  t.equal((await again.messages.next('message')).type, 'snapshot')
})

t.test('a hub that answers no handshake is asked over HTTP what is wrong', async (t) => {
  const hub = await startHub(t)
  hub.script.shut = true
  hub.script.check = {
    ok: false,
    code: 'overload',
    message: 'Too many sockets',
    fix: null,
    origin: null,
  }
  const me = client(t, hub.url)
  for (const why of ['the connection was lost', 'the connection was lost', 'Too many sockets']) {
    const state = await me.state('reconnecting')
    t.equal(state.why, why)
    me.clock.advance(state.inMs)
  }
  const fix = 'Add https://crm.example to ALLOWED_ORIGINS.'
  hub.script.check = {
    ok: false,
    code: 'origin_not_allowed',
    message: '',
    fix,
    origin: 'https://crm.example',
  }
  for (let attempt = 0; attempt < 2; attempt += 1)
    me.clock.advance((await me.state('reconnecting')).inMs)
  t.strictSame(await me.state('refused'), {
    name: 'refused',
    code: 'origin_not_allowed',
    detail: 'https://crm.example',
    fix,
  })
})
