import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import { Kamailio, withoutKamailio } from '../kit/sip/kamailio.ts'
import { JsSipPhone } from '../kit/phones/jssip.ts'
import { pretendMedia } from '../kit/phones/media.ts'
import { pretendPage } from '../kit/phones/socket.ts'
import { SipJsPhone } from '../kit/phones/sipjs.ts'
import { until } from '../kit/until.ts'
import { createRewrite } from '../../services/sip-proxy/rewrite.ts'
import { app, opened } from './sip-proxy-registrations-sample.ts'
import type { Phone } from '../kit/phones/phone.ts'
import type { Registrar } from '../../services/sip-proxy/registrar/index.ts'
import type { Side } from '../../services/sip-proxy/relay/contract.ts'

/** Passes messages one by one, seen and rewritten as the relay does it. @returns what phones connect to */
async function relayTo(
  t: Test,
  kamailio: Kamailio,
  { registrar, contactHost }: { registrar: Registrar; contactHost: string | null },
): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  server.on('connection', (browser, { headers }) => {
    const upstream = new WebSocket(kamailio.ws, 'sip')
    const userAgent = headers['user-agent'] ?? ''
    const peer = { upstream: 'phantom', app, address: '192.0.2.1', userAgent }
    const watch = registrar.watch(peer, contactHost)
    const rewrite = contactHost === null ? null : createRewrite(contactHost)
    const pass = (side: Side, to: WebSocket) => (data: RawData) => {
      const message = data as Buffer
      if (watch.wants(side, message.subarray(0, 16))) watch.see(side, message)
      to.send(String(rewrite?.rewrite(side, message) ?? message))
    }
    const ready = once(upstream, 'open')
    const onBrowser = pass('browser', upstream)
    browser.on('message', (data) => void ready.then(() => onBrowser(data)))
    upstream.on('message', pass('upstream', browser))
    browser.on('close', () => upstream.close())
    upstream.on('close', () => (watch.closed(), browser.close()))
  })
  await once(server, 'listening')
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const hosts = [null, 'edge.example:5062']

t.test('phones of both libraries at a real registrar', { skip: withoutKamailio }, async (t) => {
  const kamailio = await Kamailio.start(t)
  pretendPage(t, {})
  pretendMedia()
  for (const [index, contactHost] of hosts.entries()) {
    const how = contactHost === null ? 'with their own Contacts' : 'with Contacts of another host'
    const users = [`10${index}1`, `10${index}2`] as const
    await t.test(how, (t) => story(t, { kamailio, contactHost, users }))
  }
})

interface Story {
  readonly kamailio: Kamailio
  readonly contactHost: string | null
  readonly users: readonly [string, string]
}

async function story(t: Test, { kamailio, contactHost, users }: Story): Promise<void> {
  const { registrar, list, clock } = await opened(t)
  clock.now = Date.now()
  const url = await relayTo(t, kamailio, { registrar, contactHost })
  const [anna, bert] = [
    new JsSipPhone({ user: users[0], url }),
    new SipJsPhone({ user: users[1], url }),
  ]
  for (const phone of [anna, bert]) await registered(phone)

  const found = await list()
  t.strictSame(found.map(({ user }) => user).toSorted(), users)
  for (const one of found) {
    t.match(one, { app, upstream: 'phantom', address: '192.0.2.1' })
    t.match(one.contact, /^sip:\w+@[\w-]+\.invalid;transport=ws/)
    t.match(one.userAgent, one.user === users[0] ? /JsSIP/ : /SIP\.js/)
    t.ok(one.grantedSeconds > 0 && one.grantedSeconds <= 600)
  }
  t.match(found.find(({ user }) => user === users[0])?.instance, /^<urn:uuid:/)
  for (const user of users) {
    const [contact] = (await kamailio.contacts()).get(user) ?? []
    t.match(contact, contactHost === null ? /\.invalid/ : /@edge\.example:5062;/)
  }

  for (const [from, to] of [
    [anna, bert],
    [bert, anna],
  ] as const) {
    from.call(to.user)
    await to.diary.next('call from')
    to.answer()
    await from.diary.next('answered')
    await to.diary.next('answered')
    to.hangUp()
    for (const phone of [anna, bert]) await phone.diary.next('ended')
  }

  anna.unregister()
  await anna.diary.next('unregistered')
  t.strictSame(
    (await list()).map(({ user }) => user),
    [users[1]],
  )
  for (const phone of [anna, bert]) phone.stop()
  await until(async () => (await list()).length === 0)
  t.strictSame(new Set(registrar.answers), new Set([401, 200]))
  t.equal(registrar.unread, 0)
}

async function registered(phone: Phone): Promise<void> {
  phone.start()
  await phone.diary.next('connected')
  phone.register()
  await phone.diary.next('registered')
}
