import t from 'tap'
import { freePort } from '../kit/process.ts'
import { withoutKamailio } from '../kit/sip/kamailio.ts'
import { phoneStory } from '../kit/phones/story.ts'
import { startRelay } from '../kit/sip/relay.ts'
import { servePhone, startTelephonyBrowser } from '../kit/phones/chromium.ts'
import { TabPhone } from '../kit/phones/tab.ts'
import { relayed } from '../kit/phones/ways.ts'
import type { PhonePage } from '../kit/phones/page.ts'

const browser = await startTelephonyBrowser(t)
const origin = await servePhone(t)
const environment = { ALLOWED_ORIGINS: origin }

for (const library of ['JsSIP', 'SIP.js'] as const) {
  t.test(`pages with ${library} talk to each other`, { skip: withoutKamailio }, async (t) => {
    const way = await relayed(t, 'wss', { environment })
    const open = (user: string) => TabPhone.open(browser, origin, { library, user, url: way.url })
    await phoneStory(t, {
      way,
      phones: [await open('1001'), await open('1002')],
      async talking(phones) {
        for (const { page } of phones) await page.waitForFunction(hears)
        t.pass('both hear each other')
        t.equal(await phones[0].page.evaluate(tonesSent, '12'), '12')
      },
    })
  })
}

/** What a page's RTCPeerConnection is here. */
interface Peer {
  readonly iceConnectionState: string
  getStats(): Promise<Map<string, { type: string; packetsReceived?: number }>>
  getSenders(): {
    dtmf: { ontonechange: ((event: { tone: string }) => void) | null }
  }[]
}

/** Whether sound arrives, by a way that ICE has found. */
async function hears(): Promise<boolean> {
  const peer = (globalThis as unknown as PhonePage).phone.peer as Peer
  if (!/connected|completed/.test(peer.iceConnectionState)) return false
  const stats = [...(await peer.getStats()).values()]
  return stats.some(
    ({ type, packetsReceived = 0 }) => type === 'inbound-rtp' && packetsReceived > 5,
  )
}

/** Sends tones in the media. @returns those that the browser has played */
function tonesSent(tones: string): Promise<string> {
  const { phone } = globalThis as unknown as PhonePage
  const [sender] = (phone.peer as Peer).getSenders()
  return new Promise((resolve) => {
    let played = ''
    sender!.dtmf.ontonechange = ({ tone }) => {
      played += tone
      if (tone === '') resolve(played)
    }
    phone.sendTones(tones)
  })
}

t.test('a page is told why its socket is closed', async (t) => {
  const target = `ws://127.0.0.1:${await freePort()}/ws`
  const { socketUrl } = await startRelay(t, { targets: [target], environment })
  const page = await browser.newPage()
  t.teardown(() => page.close())
  await page.goto(origin)
  const closed = await page.evaluate(
    (url) =>
      new Promise<{ code: number; reason: string }>((resolve) => {
        const socket = new WebSocket(url, 'sip')
        socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
      }),
    socketUrl,
  )
  t.match(closed, { code: 1011, reason: /^upstream_unreachable/ })
})
