import { randomBytes } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { statfsSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { build, temporaryDir, type Suite } from '../kit/build.ts'
import { administer, Postgres, serverUser } from '../kit/postgres.ts'
import { post, telnyxEvent, type Answer } from '../kit/sender.ts'

const environment = (url: string) => ({
  DATABASE_URL: url,
  PUBLIC_URL: 'http://127.0.0.1:3000',
  ALLOWED_ORIGINS: 'http://127.0.0.1:3000',
})

async function suiteOn(t: Test, postgres: Postgres): Promise<Suite> {
  return build(t, { environment: environment(postgres.url) })
}

/** Posts until it is accepted; what was refused on the way must be a 503 that says when to come back. */
async function acceptedAtLast(t: Test, { url }: Suite): Promise<void> {
  const sent = telnyxEvent()
  const deadline = AbortSignal.timeout(20_000)
  for (;;) {
    const answer = await post(url, sent)
    if (answer.status === 200) return
    refusedForNow(t, answer)
    deadline.throwIfAborted()
  }
}

function refusedForNow(t: Test, { status, headers, body }: Answer): void {
  t.equal(status, 503)
  t.match(headers.get('retry-after'), /^\d+$/)
  t.match(body, { code: 'store_unavailable' })
}

async function health(url: string, path: string): Promise<{ status: number; checks?: object }> {
  const response = await fetch(new URL(path, url))
  return { ...((await response.json()) as object), status: response.status }
}

/** Every number once, and as many as were accepted. */
async function gapless(t: Test, { app }: Suite, count: number): Promise<void> {
  const rows = await app.journal.read(app.directory.firstApp.id, 0, 1_000)
  t.strictSame(
    rows.map(({ seq }) => seq),
    Array.from({ length: count }, (_, index) => index + 1),
  )
}

t.test(
  'a stopped server: 503 with Retry-After, and service by itself when it is back',
  async (t) => {
    const postgres = await Postgres.start(t)
    const suite = await suiteOn(t, postgres)
    t.equal((await post(suite.url, telnyxEvent())).status, 200)
    await postgres.stop()
    for (let count = 0; count < 3; count += 1)
      refusedForNow(t, await post(suite.url, telnyxEvent()))
    t.match(await health(suite.url, '/readyz'), {
      status: 503,
      checks: { store: { status: 'failed' }, bus: { status: 'ok' } },
    })
    t.match(await health(suite.url, '/livez'), { status: 200 })
    await postgres.start()
    await acceptedAtLast(t, suite)
    t.match(await health(suite.url, '/readyz'), {
      status: 200,
      checks: { store: { status: 'ok' } },
    })
    await gapless(t, suite, 2)
  },
)

t.test('a killed server takes nothing acknowledged with it', async (t) => {
  const postgres = await Postgres.start(t)
  const suite = await suiteOn(t, postgres)
  for (let count = 0; count < 10; count += 1)
    await post(suite.url, telnyxEvent({ call: `c${count}` }))
  await postgres.kill()
  refusedForNow(t, await post(suite.url, telnyxEvent()))
  await postgres.start()
  await acceptedAtLast(t, suite)
  await gapless(t, suite, 11)
})

t.test(
  'a frozen server is given up in time, and what it did meanwhile is no second event',
  async (t) => {
    const postgres = await Postgres.start(t)
    const suite = await suiteOn(t, postgres)
    t.equal((await post(suite.url, telnyxEvent())).status, 200)
    postgres.freeze()
    const sent = telnyxEvent()
    refusedForNow(t, await post(suite.url, sent))
    t.match(await health(suite.url, '/readyz'), {
      status: 503,
      checks: { store: { status: 'failed' } },
    })
    postgres.thaw()
    await acceptedAtLast(t, suite)
    const retried = await post(suite.url, sent)
    t.equal(retried.status, 200)
    await gapless(t, suite, 3)
  },
)

t.test('a full disk refuses, loses nothing and heals', { skip: cannotMount() }, async (t) => {
  const dir = temporaryDir(t)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=32m,uid=${serverUser().uid}`, 'tmpfs', dir])
  t.teardown(() => execFileSync('umount', ['--lazy', dir]))
  const postgres = await Postgres.start(t)
  // The tables are on the small disk, the log is not: PostgreSQL itself goes on (53100).
  await administer(postgres.url, `create tablespace small location '${dir}'`)
  await administer(postgres.url, 'create database switchhook tablespace small')
  const url = postgres.url.replace(/postgres$/, 'switchhook')
  const suite = await build(t, { environment: environment(url) })
  t.equal((await post(suite.url, telnyxEvent())).status, 200)
  const filler = join(dir, 'filler')
  const { bavail, bsize } = statfsSync(dir)
  writeFileSync(filler, Buffer.alloc(bavail * bsize))
  let accepted = 1
  // It does not compress.
  const payload = { note: randomBytes(300_000).toString('base64') }
  for (let refused = 0; refused < 3;) {
    const answer = await post(suite.url, telnyxEvent({ call: `c${accepted}`, payload }))
    if (answer.status === 200) accepted += 1
    else {
      refusedForNow(t, answer)
      refused += 1
    }
  }
  rmSync(filler)
  await acceptedAtLast(t, suite)
  await gapless(t, suite, accepted + 1)
})

/** Why there can be no small disk here; false if there can be one. */
function cannotMount(): string | false {
  if (process.getuid?.() !== 0) return 'only root may mount a small disk'
  return spawnSync('unshare', ['--mount', 'true']).status === 0
    ? false
    : 'mounting is not allowed here'
}
