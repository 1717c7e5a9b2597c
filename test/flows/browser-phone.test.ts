import t, { type Test } from 'tap'
import { JsSipPhone } from '../kit/phones/jssip.ts'
import { withoutKamailio } from '../kit/sip/kamailio.ts'
import { pretendMedia, tonesOf } from '../kit/phones/media.ts'
import { pretendPage } from '../kit/phones/socket.ts'
import { phoneStory } from '../kit/phones/story.ts'
import { phoneOrigin } from '../kit/sip/relay.ts'
import { SipJsPhone } from '../kit/phones/sipjs.ts'
import { relayed, straight, type Way } from '../kit/phones/ways.ts'

const ways: Record<string, (t: Test) => Promise<Way>> = {
  'straight to a registrar': straight,
  'through the relay': (t) => relayed(t, 'ws'),
  'through the relay to a registrar behind TLS': (t) => relayed(t, 'wss'),
  'through the relay that names a host for them': (t) =>
    relayed(t, 'ws', { upstream: { contactHost: 'phones.example:5066' } }),
}

pretendMedia()
pretendPage(t, {
  origin: phoneOrigin,
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0',
})

for (const [name, open] of Object.entries(ways)) {
  for (const [library, Telephone] of Object.entries({ JsSIP: JsSipPhone, 'SIP.js': SipJsPhone })) {
    t.test(`phones of ${library} ${name}`, { skip: withoutKamailio }, async (t) => {
      const way = await open(t)
      const phoneOf = (user: string) => new Telephone({ user, url: way.url })
      await phoneStory(t, {
        way,
        phones: [phoneOf('1001'), phoneOf('1002')],
        async talking([anna]) {
          anna.sendTones('12')
          t.equal(tonesOf(anna.peer), '12', 'tones in the media')
        },
      })
    })
  }
}
