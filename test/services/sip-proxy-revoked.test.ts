import { once } from 'node:events'
import t, { type Test } from 'tap'
import { Holders } from '../../services/sip-proxy/admission/holders.ts'
import { jwtSecret } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { fakeUpstream, scripts, switching } from '../kit/sip/fake-upstream.ts'
import { entryOf, pageSocket, sipSuite, type SipSuite } from '../kit/sip/sip-suite.ts'
import { signToken } from '../kit/token.ts'
import type { Principal } from '@switchhook/plugins/auth'

const revoked = { code: 4403, reason: 'revoked' }

/** The socket of a page, and how it ends. */
function phone(t: Test, suite: SipSuite, credential: string) {
  const path = credential === '' ? '/api/sip-ws/pbx' : `/api/sip-ws/pbx?${credential}`
  const socket = pageSocket(suite, {}, path)
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  const closed = once(socket, 'close').then(([code, reason]) => ({
    code: code as number,
    reason: String(reason),
  }))
  return { socket, opened: once(socket, 'open'), closed }
}

async function start(t: Test, script = scripts.ok) {
  const fake = await fakeUpstream(t, script)
  const suite = await sipSuite(t, [entryOf(fake)])
  const { id } = suite.app.directory.firstApp
  return { fake, suite, app: `/apps/${id}` }
}

t.test('whose tokens are taken back is cut off from the PBX, and nobody else is', async (t) => {
  const { fake, suite, app } = await start(t)
  const tokenOf = (sub: string) => signToken(jwtSecret, { sub, iat: 1_000_000_000 })
  const anna = phone(t, suite, `token=${await tokenOf('anna')}`)
  const ben = phone(t, suite, `token=${await tokenOf('ben')}`)
  const nobody = phone(t, suite, '')
  await Promise.all([anna.opened, ben.opened, nobody.opened])
  await internal(suite.url, `${app}/revocations`, { method: 'POST', body: { sub: 'anna' } })
  t.strictSame(await anna.closed, revoked)
  await suite.metricIs('switchhook_sip_closes_total{side="proxy",close_code="4403"}', 1)
  t.equal(fake.open, 2)
  t.equal(ben.socket.readyState, ben.socket.OPEN)
  t.equal(nobody.socket.readyState, nobody.socket.OPEN)
})

t.test('an API key that is revoked ends the sockets it opened', async (t) => {
  const { fake, suite, app } = await start(t)
  const { body } = await internal(suite.url, `${app}/api-key`, { method: 'POST', body: {} })
  const { id, key } = body as { id: string; key: string }
  const { opened, closed } = phone(t, suite, `api_key=${key}`)
  await opened
  await internal(suite.url, `${app}/api-key/${id}`, { method: 'DELETE' })
  t.strictSame(await closed, revoked)
  await fake.deserted()
})

t.test(
  'a credential that is taken back while the PBX is asked opens nothing for long',
  async (t) => {
    const { fake, suite, app } = await start(t, scripts.slow)
    const token = await signToken(jwtSecret, { sub: 'anna', iat: 1_000_000_000 })
    const { closed } = phone(t, suite, `token=${token}`)
    const asked = await fake.handshake()
    await internal(suite.url, `${app}/revocations`, { method: 'POST', body: { sub: 'anna' } })
    asked.socket.write(switching(asked))
    t.strictSame(await closed, revoked)
    await fake.deserted()
  },
)

/** An access that says what a test says, and a connection that knows how it ended. */
function held(t: Test, principal: Partial<Principal>) {
  const access = { accessRevision: 1, asked: 0, gone: false, revoked: () => false }
  access.revoked = () => {
    access.asked += 1
    return access.gone
  }
  const endings: unknown[] = []
  const connection = { close: (...ending: unknown[]) => void endings.push(ending) }
  const holders = new Holders(access)
  t.teardown(() => holders.stop())
  holders.add(connection, { keyId: null, ...principal } as Principal)
  return { access, holders, endings, connection }
}

t.test('a token that only runs out ends no socket, and is not even asked for', (t) => {
  const { access, holders, endings } = held(t, { exp: 1 })
  t.equal(access.asked, 1)
  holders.look()
  t.equal(access.asked, 1)
  access.accessRevision += 1
  holders.look()
  t.equal(access.asked, 2)
  t.strictSame(endings, [])
  t.end()
})

t.test('a key ends at its time, without any news', (t) => {
  const { access, holders, endings } = held(t, { keyId: 'k1' })
  holders.look()
  t.strictSame(endings, [])
  access.gone = true
  holders.look()
  holders.look()
  t.strictSame(endings, [[4403, 'revoked']])
  t.end()
})

t.test('a connection that is over is forgotten', (t) => {
  const { access, holders, endings, connection } = held(t, { keyId: 'k1' })
  holders.remove(connection)
  access.gone = true
  holders.look()
  t.strictSame(endings, [])
  t.end()
})
