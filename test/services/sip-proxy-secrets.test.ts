import { PassThrough } from 'node:stream'
import t from 'tap'
import { Visitor } from '../../services/sip-proxy/admission/visitor.ts'
import { jwtSecret } from '../kit/build.ts'
import { fakeUpstream, scripts } from '../kit/sip/fake-upstream.ts'
import { entryOf, knock, sipSuite, visit } from '../kit/sip/sip-suite.ts'
import { signToken } from '../kit/token.ts'
import type { Socket } from 'node:net'

const secret = 'S3cr3tOfThePbx'

t.test('neither a token nor what the query of a target says is told to anybody', async (t) => {
  const fake = await fakeUpstream(t, scripts.badRequest)
  const targets = [`ws://127.0.0.1:${fake.port}/ws?key=${secret}`]
  const suite = await sipSuite(t, [entryOf(fake, { targets })])
  const token = await signToken(jwtSecret)
  const { code, reason } = await visit(suite, {}, `/api/sip-ws/pbx?token=${token}`)
  t.match({ code, reason }, { code: 1011, reason: /^upstream_bad_request / })
  const refused = await knock(suite, { Authorization: `Bearer ${token}` })
  fake.script = scripts.ok
  const { status } = await knock(suite, { Authorization: `Bearer ${token}`, Cookie: `a=${token}` })
  t.equal(status, 101)
  const logged = ['sip target failed', 'sip target is back', 'handshake refused']
  const lines = logged.flatMap((message) => suite.logged(message))
  t.match(lines, [{ target: `ws://127.0.0.1:${fake.port}/ws` }])
  const metrics = await (await fetch(new URL('/metrics', suite.url))).text()
  const told = [JSON.stringify(lines), reason, refused.body.toString(), metrics].join('\n')
  t.notOk(told.includes(secret))
  const signature = token.split('.')[2]!
  t.notOk([told, ...fake.asked.map(({ head }) => head)].join('\n').includes(signature))
})

t.test('what comes early an octet at a time is kept whole, as few chunks', (t) => {
  const socket = new PassThrough()
  const visitor = new Visitor({ socket: socket as unknown as Socket, head: Buffer.from('head ') })
  const octets = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index & 0xff))
  for (const octet of octets) socket.emit('data', Buffer.from([octet]))
  t.equal(visitor.signal.aborted, false)
  t.ok(visitor.leave().equals(Buffer.concat([Buffer.from('head '), octets])))
  t.end()
})
