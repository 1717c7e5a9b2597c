import t from 'tap'
import { aorIn } from '../../services/sip-proxy/trace/aor.ts'
import { path, traceApp } from './sip-proxy-trace-app.ts'

t.test('a user is read whatever it is written with, but for what no store takes', (t) => {
  t.strictSame(aorIn('sip:a%41@PBX.example'), { user: 'aA', host: 'pbx.example' })
  t.strictSame(aorIn('sip:%zz@x'), { user: '%zz', host: 'x' })
  t.strictSame(aorIn('sip:%00@x'), { user: '%00', host: 'x' })
  t.strictSame(aorIn('1001%0d%0a'), { user: '1001%0d%0a', host: null })
  t.end()
})

t.test('nobody is traced under a name that a store refuses', async (t) => {
  const { ask } = await traceApp(t)
  const { status, body } = await ask('POST', path, { body: { aor: '%00' } })
  t.equal(status, 201)
  t.match(body, { aor: '%00' })
})
