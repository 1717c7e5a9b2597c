import t, { type Test } from 'tap'
import { connect, type Connection } from '@switchhook/browser'
import { build } from '../kit/build.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { deadlineMs } from './scripted-hub.ts'

type Options = Parameters<typeof connect>[0]

/** A client of a real hub, once it is live. */
async function liveClient(t: Test, options: Options): Promise<Connection> {
  const hub = connect(options)
  t.teardown(() => hub.close())
  await happens(hub, () => hub.state.name === 'live')
  return hub
}

/** Resolves when it is so after something was told. */
function happens(hub: Connection, isSo: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const late = AbortSignal.timeout(deadlineMs)
  late.addEventListener('abort', () => reject(new Error(`still ${JSON.stringify(hub.state)}`)))
  for (const name of ['state', 'calls', 'presence'] as const)
    hub.on(name, () => isSo() && resolve())
  if (isSo()) resolve()
  return promise
}

t.test('two tabs of a user see the calls, and one of them gets the claim', async (t) => {
  const { url, token } = await build(t)
  await post(url, telnyxEvent({ call: 'one', type: 'call.initiated' }))
  const tabs = await Promise.all([1, 2].map(() => liveClient(t, { url, token })))
  const [tab] = tabs as [Connection]
  t.equal(tab.calls.get('one')?.phase, 'initiated')
  const claims = await Promise.all(tabs.map((one) => one.claim('one', 'screen-pop')))
  t.equal(claims.filter(({ granted }) => granted).length, 1)
  await post(url, telnyxEvent({ call: 'one', type: 'call.answered' }))
  await happens(tab, () => tab.calls.get('one')?.phase === 'answered')
  const { events } = await tab.history({ after: 0, limit: 1 })
  t.match(events, [{ event: 'call-initiated', seq: 1 }])
  await t.rejects(tab.history({ after: -1 }), { code: 'bad_frame' })
})

t.test('a channel that is added is there, one that may not be is denied', async (t) => {
  const { url, token } = await build(t)
  const hub = await liveClient(t, { url, token })
  const { channels, denied } = await hub.subscribe(['presence', 'nonsense'])
  t.strictSame(channels, ['presence'])
  t.strictSame(denied, [{ channel: 'nonsense', code: 'unknown_channel' }])
  await hub.setPresence('busy', 'lunch')
  await happens(hub, () => hub.presence.get('u1')?.state === 'busy')
  await hub.unsubscribe(['presence'])
  await post(url, telnyxEvent({ call: 'one', type: 'call.initiated' }))
  await happens(hub, () => hub.calls.size === 1)
})

t.test('a ticket is good for one connection, and the next one gets its own', async (t) => {
  const { url, token } = await build(t)
  let issued = 0
  const ticket = async (): Promise<string> => {
    issued += 1
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(`${url}/api/ws/ticket`, { method: 'POST', headers })
    return ((await answer.json()) as { ticket: string }).ticket
  }
  const hub = await liveClient(t, { url, ticket })
  hub.reconnect()
  await happens(hub, () => hub.state.name === 'live')
  t.equal(issued, 2)
})
