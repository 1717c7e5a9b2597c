import { once } from 'node:events'
import t from 'tap'
import { WebSocket } from 'ws'
import { internalSecret, jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { Postgres } from '../kit/postgres.ts'
import { freePort, ready, spawnService } from '../kit/process.ts'
import { fakeUpstream } from '../kit/sip/fake-upstream.ts'
import { entryOf, upstreamsFile } from '../kit/sip/sip-suite.ts'

const origin = 'https://phone.example'

t.test(
  'a sip-proxy takes phones while the store is away, and balancers go on sending them',
  async (t) => {
    const [postgres, pbx] = await Promise.all([Postgres.start(t), fakeUpstream(t)])
    const running = spawnService('sip-proxy', {
      PORT: String(await freePort()),
      DATA_DIR: temporaryDir(t),
      DATABASE_URL: postgres.url,
      PUBLIC_URL: 'http://127.0.0.1:3000',
      ALLOWED_ORIGINS: origin,
      JWT_SECRET: jwtSecret,
      SECRETS_KEY: secretsKey,
      INTERNAL_API_SECRET: internalSecret,
      SIP_UPSTREAMS_FILE: upstreamsFile(t, [entryOf(pbx)]),
    })
    t.teardown(() => running.child.kill('SIGKILL'))
    await ready(running)
    const asked = async (path: string) => {
      const response = await fetch(new URL(path, running.url))
      return { status: response.status, body: (await response.json()) as object }
    }
    const come = async (): Promise<void> => {
      const url = new URL('/api/sip-ws/pbx', running.url.replace('http', 'ws'))
      const socket = new WebSocket(url, 'sip', { origin })
      t.teardown(() => socket.terminate())
      await once(socket, 'open')
    }
    await come()
    await postgres.stop()
    await come()
    const store = { status: 'failed', reason: String }
    t.match(await asked('/readyz'), { status: 200, body: { checks: { store } } })
    t.match(await asked('/health'), {
      status: 200,
      body: { status: 'degraded', checks: { store }, websocket: { connections: 2, errors: 0 } },
    })
  },
)
