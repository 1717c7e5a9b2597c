import t from 'tap'
import { loadConfig } from '@switchhook/shared/config'
import { Config } from '@switchhook/services/all-in-one'
import { createServer } from '@switchhook/services/server'
import { registerAccess, registerBase } from '../../services/base.ts'
import { doorOf } from '../../services/sip-proxy/door.ts'
import { sipMetrics } from '../../services/sip-proxy/metrics.ts'
import { routes } from '../../services/sip-proxy/routes.ts'
import { openUpstreams } from '../../services/sip-proxy/upstreams/index.ts'
import { internalSecret, jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { exchange } from '../kit/raw-websocket.ts'
import { fakeUpstream } from '../kit/sip/fake-upstream.ts'
import { entryOf, sipHandshake, upstreamsFile } from '../kit/sip/sip-suite.ts'

t.test('when we fail after the 101, neither socket is left behind', async (t) => {
  const fake = await fakeUpstream(t)
  const config = loadConfig(Config, {
    environment: {
      JWT_SECRET: jwtSecret,
      INTERNAL_API_SECRET: internalSecret,
      SECRETS_KEY: secretsKey,
      DATA_DIR: temporaryDir(t),
      SIP_UPSTREAMS_FILE: upstreamsFile(t, [entryOf(fake)]),
    },
  })
  const app = createServer({ log: { level: 'silent' }, trustProxy: [] })
  t.teardown(() => app.close())
  await registerBase(app, { config, service: 'sip-proxy' })
  await registerAccess(app, { config, publicUrl: 'http://127.0.0.1:3000' })
  const options = { ...config.sipProxy, replicated: false }
  const upstreams = await openUpstreams(app, options)
  const metrics = sipMetrics(app.metrics)
  const connected = (): never => {
    throw new Error('a mistake of ours')
  }
  await routes(app, doorOf(app, { options, upstreams, metrics, connected }))
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  for (const agent of ['SIP.js', 'Mozilla/5.0']) {
    const opening = [sipHandshake({ 'User-Agent': agent })]
    const { body } = await exchange(url, { opening })
    t.equal(body.length, 0, agent)
    await fake.deserted()
  }
  const figures = await app.metrics.metrics()
  t.match(figures, 'switchhook_sip_handshakes_total{outcome="internal"} 2')
  t.notMatch(figures, 'switchhook_sip_sockets{', 'none was ever open')
})
