import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { temporaryDir } from '../kit/build.ts'
import { fakeUpstream } from '../kit/sip/fake-upstream.ts'
import { entryOf, knock, pageSocket, sipSuite, type SipSuite } from '../kit/sip/sip-suite.ts'
import { until } from '../kit/until.ts'

interface Health {
  readonly status: string
  readonly checks: { readonly sip: { readonly status: string; readonly reason?: string } }
  readonly websocket: { readonly connections: number; readonly errors: number }
}

async function health({ url }: SipSuite): Promise<Health> {
  return (await (await fetch(new URL('/health', url))).json()) as Health
}

t.test('a PBX that does not answer is named, until it does again', async (t) => {
  const [dead, fake] = [await fakeUpstream(t), await fakeUpstream(t)]
  const suite = await sipSuite(t, [
    entryOf(dead, { name: 'first', targets: ['ws://127.0.0.1:1/ws'] }),
    entryOf(fake, {
      name: 'second',
      targets: ['ws://127.0.0.1:1/ws', `ws://127.0.0.1:${fake.port}/ws`],
    }),
  ])
  t.match(await health(suite), { status: 'ok', checks: { sip: { status: 'ok' } } })
  t.equal((await knock(suite, {}, '/api/sip-ws/second')).status, 101)
  t.match(await health(suite), { status: 'ok' }, 'another target stands in')
  t.equal((await knock(suite, {}, '/api/sip-ws/first')).status, 502)
  t.match(await health(suite), {
    status: 'degraded',
    checks: { sip: { status: 'failed', reason: 'no target answers: first' } },
  })
})

t.test('a file that is kept out is told before the next start meets it', async (t) => {
  const fake = await fakeUpstream(t)
  const file = join(temporaryDir(t), 'upstreams.json')
  writeFileSync(file, JSON.stringify({ upstreams: [entryOf(fake)] }))
  const suite = await sipSuite(t, [], { SIP_UPSTREAMS_FILE: file })
  writeFileSync(file, JSON.stringify({ upstreams: [{}] }))
  await until(async () => (await health(suite)).checks.sip.status === 'failed')
  t.match(await health(suite), { checks: { sip: { reason: /^SIP_UPSTREAMS_FILE has mistakes/ } } })
  t.equal((await knock(suite)).status, 101)
  writeFileSync(file, JSON.stringify({ upstreams: [entryOf(fake)] }))
  await until(async () => (await health(suite)).checks.sip.status === 'ok')
})

t.test('an upstream without a checked certificate is named', async (t) => {
  const fake = await fakeUpstream(t)
  const entry = entryOf(fake, { targets: ['wss://127.0.0.1:1/ws'], tls: { trust: 'insecure' } })
  const suite = await sipSuite(t, [entry], { ALLOW_INSECURE_UPSTREAM: '1' })
  t.match(await health(suite), {
    status: 'degraded',
    checks: { sip: { reason: /^trust: insecure.*: pbx$/ } },
  })
})

t.test('phones count among the sockets', async (t) => {
  const suite = await sipSuite(t, [entryOf(await fakeUpstream(t))])
  const socket = pageSocket(suite)
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  await until(async () => (await health(suite)).websocket.connections === 1)
  socket.terminate()
  await until(async () => (await health(suite)).websocket.connections === 0)
})
