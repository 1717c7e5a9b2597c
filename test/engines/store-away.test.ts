import { randomBytes } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { statfsSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { build, temporaryDir, type Suite } from '../kit/build.ts'
import { administer, Postgres, serverUser } from '../kit/postgres.ts'
import { post, telnyxEvent, type Signed } from '../kit/sender.ts'
import { until } from '../kit/until.ts'

const environment = (url: string) => ({
  DATABASE_URL: url,
  PUBLIC_URL: 'http://127.0.0.1:3000',
  ALLOWED_ORIGINS: 'http://127.0.0.1:3000',
})

async function suiteOn(t: Test, postgres: Postgres): Promise<Suite> {
  return build(t, { environment: environment(postgres.url) })
}

/** Posts what must be accepted, whether or not the store is there. */
async function accepted(t: Test, { url }: Suite, sent = telnyxEvent()): Promise<Signed> {
  t.match(await post(url, sent), { status: 200, body: { status: 'accepted' } })
  return sent
}

async function health(url: string, path: string): Promise<{ status: number; checks?: object }> {
  const response = await fetch(new URL(path, url))
  return { ...((await response.json()) as object), status: response.status }
}

/** In the end the log has these, each once, in this order, numbered without a hole. */
async function logged(t: Test, { app }: Suite, all: readonly Signed[]): Promise<void> {
  const rows = () => app.journal.read(app.directory.firstApp.id, 0, 1_000)
  await until(async () => (await rows().catch(() => [])).length >= all.length, 30_000)
  t.strictSame(
    (await rows()).map(({ seq, id }) => [seq, id]),
    all.map(({ id }, index) => [index + 1, `telnyx:${id}`]),
  )
}

t.test('a stopped server: webhooks are accepted, and in the log when it is back', async (t) => {
  const postgres = await Postgres.start(t)
  const suite = await suiteOn(t, postgres)
  const all = [await accepted(t, suite)]
  await postgres.stop()
  for (let count = 0; count < 20; count += 1) all.push(await accepted(t, suite))
  t.match(await health(suite.url, '/readyz'), {
    status: 200,
    checks: { store: { status: 'failed' }, spool: { status: 'ok' }, bus: { status: 'ok' } },
  })
  t.match(await health(suite.url, '/health'), { status: 200 })
  await postgres.start()
  all.push(await accepted(t, suite))
  await logged(t, suite, all)
  t.match(await health(suite.url, '/readyz'), { status: 200, checks: { store: { status: 'ok' } } })
})

t.test('a killed server takes nothing acknowledged with it', async (t) => {
  const postgres = await Postgres.start(t)
  const suite = await suiteOn(t, postgres)
  const all: Signed[] = []
  for (let count = 0; count < 10; count += 1) {
    all.push(await accepted(t, suite, telnyxEvent({ call: `c${count}` })))
  }
  await postgres.kill()
  all.push(await accepted(t, suite))
  await postgres.start()
  await logged(t, suite, all)
})

t.test(
  'a frozen server is not waited for, and what it did meanwhile is no second event',
  async (t) => {
    const postgres = await Postgres.start(t)
    const suite = await suiteOn(t, postgres)
    const all = [await accepted(t, suite)]
    postgres.freeze()
    for (let count = 0; count < 3; count += 1) all.push(await accepted(t, suite))
    t.match(await health(suite.url, '/readyz'), { checks: { store: { status: 'failed' } } })
    postgres.thaw()
    await logged(t, suite, all)
    t.equal((await post(suite.url, all[1]!)).status, 200, 'a retry')
    all.push(await accepted(t, suite))
    await logged(t, suite, all)
  },
)

t.test(
  'a full disk of the database loses nothing and heals',
  { skip: cannotMount() },
  async (t) => {
    const dir = temporaryDir(t)
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=32m,uid=${serverUser().uid}`, 'tmpfs', dir])
    t.teardown(() => execFileSync('umount', ['--lazy', dir]))
    const postgres = await Postgres.start(t)
    // The tables are on the small disk, the log is not: PostgreSQL itself goes on (53100).
    await administer(postgres.url, `create tablespace small location '${dir}'`)
    await administer(postgres.url, 'create database switchhook tablespace small')
    const url = postgres.url.replace(/postgres$/, 'switchhook')
    const roomy = { ...environment(url), SPOOL_LIMIT: '67108864' }
    const suite = await build(t, { environment: roomy })
    const all = [await accepted(t, suite)]
    const filler = join(dir, 'filler')
    const { bavail, bsize } = statfsSync(dir)
    writeFileSync(filler, Buffer.alloc(bavail * bsize))
    // It does not compress.
    const payload = { note: randomBytes(300_000).toString('base64') }
    for (let count = 0; count < 10; count += 1) {
      all.push(await accepted(t, suite, telnyxEvent({ call: `c${count}`, payload })))
    }
    rmSync(filler)
    await logged(t, suite, all)
  },
)

/** Why there can be no small disk here; false if there can be one. */
function cannotMount(): string | false {
  if (process.getuid?.() !== 0) return 'only root may mount a small disk'
  return spawnSync('unshare', ['--mount', 'true']).status === 0
    ? false
    : 'mounting is not allowed here'
}
