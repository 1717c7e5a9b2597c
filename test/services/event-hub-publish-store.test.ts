import t from 'tap'
import { build } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { Postgres } from '../kit/postgres.ts'
import { until } from '../kit/until.ts'

for (const [what, leave, comeBack] of [
  ['stopped', (server) => server.stop(), (server) => server.start()],
  ['frozen', async (server) => server.freeze(), async (server) => server.thaw()],
] as const satisfies [string, ...((server: Postgres) => Promise<void>)[]][]) {
  t.test(
    `while PostgreSQL is ${what} nothing is half done, and a repeat is one event`,
    async (t) => {
      const postgres = await Postgres.start(t)
      const { app, url, token } = await build(t, {
        environment: {
          DATABASE_URL: postgres.url,
          PUBLIC_URL: 'http://127.0.0.1:3000',
          ALLOWED_ORIGINS: 'http://127.0.0.1:3000',
        },
      })
      const publish = async (key: string) => {
        const response = await fetch(`${url}/api/events`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'idempotency-key': key,
          },
          body: '{"type":"custom.x","data":{}}',
        })
        const retryAfter = response.headers.get('retry-after')
        return { status: response.status, body: (await response.json()) as object, retryAfter }
      }
      const client = await connect(url, { token, modern: true })
      await client.nextNamed('connected')
      const first = await publish('k1')
      t.match(first, { status: 201, body: { seq: 1 } })
      await leave(postgres)
      const away = await Promise.all(['k1', 'k2', 'k2'].map(publish))
      for (const answer of away) {
        t.match(answer, { status: 503, body: { code: 'unavailable' }, retryAfter: '5' })
      }
      await comeBack(postgres)
      await until(async () => [200, 201].includes((await publish('k2')).status), 30_000)
      t.match(await publish('k1'), { status: 200, body: first.body })
      t.match(await publish('k2'), { status: 200, body: { seq: 2 } })
      t.match(await publish('k3'), { status: 201, body: { seq: 3 } })
      t.match(await client.nextEvents(3), [{ seq: 1 }, { seq: 2, prev: 1 }, { seq: 3, prev: 2 }])
      t.equal((await app.journal.read(app.directory.firstApp.id, 0, 10)).length, 3)
    },
  )
}
