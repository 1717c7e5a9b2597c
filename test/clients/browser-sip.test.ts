import { once } from 'node:events'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import JsSIP from 'jssip'
import * as SIP from 'sip.js'
import t, { type Test } from 'tap'
import { jssipOptions, sipConfig, sipjsOptions, why } from '@switchhook/browser/sip'
import { freePort, root } from '../kit/process.ts'
import { sipDomain, passwordOf } from '../kit/sip/accounts.ts'
import { Kamailio, withoutKamailio } from '../kit/sip/kamailio.ts'
import { pretendMedia } from '../kit/phones/media.ts'
import { cutPages, pretendPage } from '../kit/phones/socket.ts'
import { Diary } from '../kit/phones/phone.ts'
import { phoneOrigin, startRelay } from '../kit/sip/relay.ts'
import { builtSdk } from './browser-page.ts'
import type { Account, SipConfig } from '@switchhook/browser/sip'

builtSdk()
pretendMedia()
pretendPage(t, { origin: phoneOrigin })

/** What a page keeps. */
function makeStorage() {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  }
}

t.test('the settings of phones are one small module, served to any page', async (t) => {
  const { url } = await startRelay(t, { targets: ['ws://127.0.0.1:1/ws'] })
  const built = readFileSync(join(root, 'clients/browser/dist/sip.js'))
  const packed = gzipSync(built, { level: 9 }).length
  t.ok(packed <= 2_000, `${packed} bytes gzipped`)
  const response = await fetch(`${url}/sip.js`)
  t.equal(response.headers.get('access-control-allow-origin'), '*')
  const text = await response.text()
  t.equal(text, built.toString())
  t.notMatch(text, /\bimport\b/, 'it imports nothing')
  const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as object
  t.strictSame(Object.keys(module).sort(), [
    'SipError',
    'jssipOptions',
    'sipConfig',
    'sipjsOptions',
    'why',
  ])
})

t.test('a page keeps what the server said, for the day it cannot be asked', async (t) => {
  const environment = {
    PUBLIC_URL: 'https://calls.example.com',
    BUSYLIGHT_WS_URL: 'ws://127.0.0.1:19774/ws',
  }
  const { app, url } = await startRelay(t, { targets: ['ws://127.0.0.1:1/ws'], environment })
  const storage = makeStorage()
  const expected = {
    wssServerUrl: 'wss://calls.example.com/api/sip-ws/pbx',
    sipDomain,
    busylightWsUrl: 'ws://127.0.0.1:19774/ws',
  }
  t.match(await sipConfig({ url, upstream: 'pbx', storage }), expected)
  t.match(Object.fromEntries(storage.kept), expected, 'under the names that older pages know')
  t.match(
    await sipConfig({ url: `${url}/`, phantomId: 'pbx' }),
    expected,
    'without a place to keep',
  )
  await t.rejects(sipConfig({ url, upstream: '388', storage }), { code: 'upstream_not_found' })
  await app.close()
  t.strictSame(await sipConfig({ url, upstream: 'pbx', storage }), expected)
  await t.rejects(sipConfig({ url, upstream: '388', storage }), { code: 'unreachable' })
  await t.rejects(sipConfig({ url, upstream: 'pbx' }), { code: 'unreachable' })
})

t.test('a server in trouble is one that cannot be asked', async (t) => {
  const storage = makeStorage()
  const answers = [
    {
      status: 200,
      body: { wssServerUrl: 'wss://a.example/', sipDomain: null, busylightWsUrl: null },
    },
    { status: 503, body: { code: 'shutting_down' } },
    { status: 429, body: { code: 'rate_limited' } },
    { status: 200, body: 'not what was expected' },
    { status: 200, body: 'null' },
  ]
  const server = createServer((_, response) => {
    const { status, body } = answers.shift()!
    response.writeHead(status, { connection: 'close' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  const first = await sipConfig({ url, storage })
  while (answers.length > 0) t.strictSame(await sipConfig({ url, storage }), first)
})

t.test('a page that may keep nothing works without', async (t) => {
  const { url } = await startRelay(t, { targets: ['ws://127.0.0.1:1/ws'] })
  const forbid = (): never => {
    throw new Error('SecurityError')
  }
  const storage = { getItem: forbid, setItem: forbid, removeItem: forbid }
  t.match(await sipConfig({ url, upstream: 'pbx', storage }), { sipDomain })
  await t.rejects(sipConfig({ url: 'http://127.0.0.1:1', storage }), { code: 'unreachable' })
})

t.test('a page learns why its socket fails, and what helps', async (t) => {
  const target = `ws://127.0.0.1:${await freePort()}/ws`
  const { app, socketUrl, token } = await startRelay(t, {
    targets: [target],
    upstream: { auth: 'required', missingOrigin: 'allow' },
  })
  const config = configOf(socketUrl)
  t.match(await why(config), { ok: false, code: 'auth_missing', fix: String })
  const reason = await why(config, { token: async () => token })
  t.match(reason, { ok: false, code: 'upstream_unreachable', message: /refused/i, fix: /PBX runs/ })
  await app.close()
  t.match(await why(config), { ok: false, code: 'unreachable', fix: null })
})

const configOf = (wssServerUrl: string): SipConfig => ({
  wssServerUrl,
  sipDomain,
  busylightWsUrl: null,
})

/** Phones by the helper's options; each tells its diary what happens. */
const phones: Record<string, (t: Test, config: SipConfig, account: Account) => Diary> = {
  JsSIP(t, config, account) {
    const diary = new Diary()
    const recovery = { connection_recovery_min_interval: 1, connection_recovery_max_interval: 1 }
    const ua = new JsSIP.UA({ ...jssipOptions(JsSIP, config, account), ...recovery })
    ua.on('registered', () => diary.note('registered'))
    ua.on('disconnected', ({ reason }) => diary.note(`disconnected ${reason}`))
    t.teardown(() => ua.stop())
    ua.start()
    return diary
  },
  'SIP.js'(t, config, account) {
    const diary = new Diary()
    const manager = new SIP.Web.SessionManager(config.wssServerUrl, {
      userAgentOptions: { ...sipjsOptions(SIP, config, account), logBuiltinEnabled: false },
      reconnectionDelay: 1,
      registrationRetryInterval: 0.5,
      delegate: {
        onRegistered: () => diary.note('registered'),
        onServerDisconnect: () => diary.note('disconnected'),
      },
    })
    t.teardown(() => manager.disconnect().catch(() => {}))
    manager
      .connect()
      .then(() => manager.register())
      .catch((error: Error) => diary.note(`disconnected ${error.message}`))
    return diary
  },
}

/** The second time because its network failed. */
async function registerTwice(diary: Diary): Promise<void> {
  await diary.next('registered')
  cutPages()
  await diary.next('disconnected')
  await diary.next('registered')
}

for (const [library, start] of Object.entries(phones)) {
  const account = { user: '1001', password: passwordOf('1001'), name: 'Anna' }

  t.test(`${library} registers with the options`, { skip: withoutKamailio }, async (t) => {
    const kamailio = await Kamailio.start(t)
    const { url, socketUrl } = await startRelay(t, { targets: [kamailio.ws] })
    const { sipDomain: domain } = await sipConfig({ url, upstream: 'pbx' })
    const diary = start(t, { ...configOf(socketUrl), sipDomain: domain }, account)
    await diary.next('registered')
  })

  t.test(`${library} asks for a token for every socket`, { skip: withoutKamailio }, async (t) => {
    const kamailio = await Kamailio.start(t)
    const upstream = { auth: 'required' }
    const { socketUrl, token, url } = await startRelay(t, { targets: [kamailio.ws], upstream })
    const config = configOf(socketUrl)
    const getTicket = async () => {
      const headers = { authorization: `Bearer ${token}`, origin: phoneOrigin }
      const response = await fetch(`${url}/api/ws/ticket`, { method: 'POST', headers })
      return ((await response.json()) as { ticket: string }).ticket
    }
    for (const [name, source] of Object.entries({ token: () => token, ticket: getTicket })) {
      await t.test(name, async (t) => {
        let asked = 0
        const count = () => {
          asked += 1
          return source()
        }
        await registerTwice(start(t, config, { ...account, [name]: count }))
        t.equal(asked, 2)
      })
    }
    await registerTwice(start(t, config, { ...account, token }))
    t.pass('a token that stays the same does for both')
  })

  t.test(`${library} without the token it needs is not connected`, async (t) => {
    const upstream = { auth: 'required' }
    const { socketUrl } = await startRelay(t, { targets: ['ws://127.0.0.1:1/ws'], upstream })
    const fails = () => Promise.reject(new Error('nobody is signed in'))
    await start(t, configOf(socketUrl), account).next('disconnected')
    await start(t, configOf(socketUrl), { ...account, token: fails }).next('disconnected')
  })
}

t.test(
  'a window of Electron registers when its origin is named literally',
  { skip: withoutKamailio },
  async (t) => {
    const kamailio = await Kamailio.start(t)
    const origins = ['app://phone', 'file://']
    const environment = { ALLOWED_ORIGINS: origins.join(' ') }
    const { socketUrl } = await startRelay(t, { targets: [kamailio.ws], environment })
    for (const origin of origins) {
      await t.test(origin, async (t) => {
        pretendPage(t, { origin, 'user-agent': 'Mozilla/5.0 (X11) Chrome/140.0 Electron/38.1.0' })
        const account = { user: '1001', password: passwordOf('1001') }
        await phones['JsSIP']!(t, configOf(socketUrl), account).next('registered')
      })
    }
  },
)

t.test('an account without a domain is a mistake', (t) => {
  const config = { ...configOf('wss://a.example/'), sipDomain: null }
  const account = { user: 'a b', password: 'x' }
  t.throws(() => jssipOptions(JsSIP, config, account), /give a domain/)
  const { uri } = jssipOptions(JsSIP, config, { ...account, domain: 'b.example' })
  t.equal(uri, 'sip:a%20b@b.example')
  t.end()
})
