import t from 'tap'
import { build } from '../kit/build.ts'
import { post, telnyxEvent, type Answer } from '../kit/sender.ts'

const environment = { RATE_LIMIT_WEBHOOKS: '20', TRUST_PROXY: '127.0.0.0/8' }

/** A delivery that comes from an address, as the proxy in front says. */
function from(url: string, address: string, sent = telnyxEvent()): Promise<Answer> {
  const headers = { ...sent.headers, 'x-forwarded-for': address }
  return post(url, { ...sent, headers })
}

const unsigned = () => ({ ...telnyxEvent(), body: Buffer.from('{}') })

async function times<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, work))
}

t.test('an address that proves nothing is told to slow down, one that does never', async (t) => {
  const { url } = await build(t, { environment })
  const bad = await times(20, () => from(url, '192.0.2.1', unsigned()))
  t.ok(bad.every(({ status, body }) => status === 401 && body['code'] === 'bad_signature'))
  const more = await times(30, () => from(url, '192.0.2.1', unsigned()))
  for (const { status, body, headers } of more) {
    t.equal(status, 429)
    t.equal(body['code'], 'rate_limited')
    t.equal(headers.get('ratelimit-limit'), '20')
    t.equal(headers.get('ratelimit-remaining'), '0')
    t.ok(Number(headers.get('retry-after')) > 0 && Number(headers.get('ratelimit-reset')) <= 60)
  }
  const good = await times(50, () => from(url, '192.0.2.1'))
  t.ok(
    good.every(({ status }) => status === 200),
    'whoever shares the address is let through',
  )
  const others = await times(5, () => from(url, '192.0.2.2', unsigned()))
  t.ok(
    others.every(({ status }) => status === 401),
    'another address has its own count',
  )
  const metrics = await (await fetch(new URL('/metrics', url))).text()
  t.match(metrics, 'deliveries_total{provider="telnyx",outcome="accepted"} 50')
})

t.test('what is verified is not counted, however much it is', async (t) => {
  const { url } = await build(t, { environment })
  const good = await times(100, () => from(url, '192.0.2.3'))
  t.ok(good.every(({ status }) => status === 200))
  t.equal((await from(url, '192.0.2.3', unsigned())).status, 401)
})
