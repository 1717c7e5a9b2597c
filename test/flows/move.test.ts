import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client as Database } from 'pg'
import { test, type Test } from 'tap'
import { openDirectory } from '@switchhook/shared/directory'
import { openJournal } from '@switchhook/shared/journal'
import { createSealing } from '@switchhook/shared/sealing'
import { build, secretsKey, temporaryDir, type Suite } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { cleanEnvironment, root } from '../kit/process.ts'
import { post, signBody, telnyxEvent, type Signed } from '../kit/sender.ts'
import { storeAt } from '../kit/store.ts'
import { runCli } from '../clients/run-cli.ts'
import { exported, linesOf, refused, rowsOf, told } from '../clients/stores.ts'

const deadlineMs = 60_000
const kibibyte = 1_024

/** Posts a delivery. @returns what became of it */
async function outcome({ url }: Suite, delivery: Pick<Signed, 'body' | 'headers'>) {
  const { status, body } = await post(url, delivery)
  return `${status} ${String(body['status'])}`
}

/** What a client that comes back with a cursor is given. */
async function resumed({ url, token }: Suite, cursor: string, count: number): Promise<string[]> {
  const client = await connect(url, { token, cursor, modern: true })
  const events = await client.nextEvents(count)
  await client.close()
  return events.map(({ seq, id }) => `${seq} ${id}`)
}

test('a suite moves to PostgreSQL and back: nobody notices', async (t) => {
  const home = temporaryDir(t)
  const file = join(temporaryDir(t), 'move.jsonl')
  const payload = { client_state: 'x'.repeat(64 * kibibyte) }
  const events = [
    telnyxEvent(),
    telnyxEvent({ type: 'call.answered' }),
    telnyxEvent({ call: 'call-2', payload }),
    telnyxEvent({ type: 'call.hangup' }),
  ]
  const strange = Buffer.from(`{"data":{"filler":"${'x'.repeat(64 * kibibyte)}"}}`)
  const quarantined = { body: strange, headers: signBody(strange) }

  const first = await build(t, { dataDir: home })
  const client = await connect(first.url, { token: first.token, modern: true })
  const hello = await client.nextNamed('connected')
  const epoch = String(hello.data['head']).split(':')[0]!
  for (const event of events) t.equal(await outcome(first, event), '200 accepted')
  t.equal(await outcome(first, quarantined), '200 quarantined')
  const seen = (await client.nextEvents(4)).map(({ seq, id }) => `${seq} ${id}`)
  await client.close()
  t.match(
    await refused(t, ['export', file], { DATA_DIR: home }),
    /^another Switchhook process uses .*: stop it/,
  )
  await first.app.close()

  const rows = { journal: 1, apps: 1, counters: 1, deliveries: 5, events: 4, calls: 2 }
  const place = join(home, 'switchhook.db')
  const out = await told(t, ['export', file], { DATA_DIR: home })
  t.match(out, { ok: true, store: place, file, epoch, migration: { id: Number }, rows })
  t.match(out['sha256'], /^[0-9a-f]{64}$/)

  const DATABASE_URL = await emptyDatabase(t)
  const into = await told(t, ['import', file], { DATABASE_URL })
  t.match(into, { ok: true, file, epoch, rows, sha256: out['sha256'] })
  t.equal(into['store'], DATABASE_URL.replace(/postgres@/, ''))
  const again = join(temporaryDir(t), 'again.jsonl')
  await told(t, ['export', again], { DATABASE_URL })
  t.strictSame(rowsOf(again), rowsOf(file), 'every row is what it was')

  const second = await build(t, { environment: { DATABASE_URL } })
  t.strictSame(await resumed(second, `${epoch}:1`, 3), seen.slice(1))
  t.equal(await outcome(second, events[0]!), '200 duplicate')
  t.equal(await outcome(second, quarantined), '200 quarantined')
  const sixth = telnyxEvent({ call: 'call-2', type: 'call.answered' })
  t.equal(await outcome(second, sixth), '200 accepted')
  await opens(t, DATABASE_URL, events[2]!.body)

  // While the suite runs, without a file between.
  const back = temporaryDir(t)
  const cli = `'${process.execPath}' '${join(root, 'clients/cli/main.ts')}'`
  const line = `DATABASE_URL='${DATABASE_URL}' ${cli} export | DATA_DIR='${back}' ${cli} import -`
  const { stderr } = await promisify(execFile)('sh', ['-c', line], {
    env: cleanEnvironment({}),
    timeout: deadlineMs,
  })
  t.match(stderr, /^exported postgres:\/\/\S+: .*deliveries 6, events 5, .*calls 2,/)

  const third = await build(t, { dataDir: back })
  const [last] = await resumed(third, `${epoch}:4`, 1)
  t.equal(last, `5 telnyx:${sixth.id}`)
  t.strictSame(await resumed(third, `${epoch}:0`, 5), [...seen, last!])
  t.equal(await outcome(third, events[3]!), '200 duplicate')
  t.equal(await outcome(third, sixth), '200 duplicate')
})

/** The moved delivery opens with the key of before, and is what the provider sent. */
async function opens(t: Test, url: string, body: Buffer): Promise<void> {
  const client = new Database(url)
  await client.connect()
  const { rows } = await client.query<{ app: string; id: string; sealed: Buffer }>(
    'select app, id, sealed from deliveries where length(sealed) > 60000 and reason is null',
  )
  await client.end()
  t.equal(rows.length, 1)
  const [{ app, id, sealed }] = rows as [(typeof rows)[0]]
  const sealing = createSealing([Buffer.from(secretsKey, 'base64')])
  t.ok(sealing.open(sealed, `deliveries/${app}/${id}`).includes(body))
}

test('a file that is not what an export wrote changes nothing', async (t) => {
  const lines = linesOf(await exported(t))
  const DATA_DIR = temporaryDir(t)
  await (await storeAt(t, { dataDir: DATA_DIR })).close()
  const file = join(temporaryDir(t), 'other.jsonl')
  const whole = lines.map((line) => `${line}\n`).join('')
  for (const [changed, message] of [
    [whole.slice(0, -40), /it ends within a line: it was cut off/],
    [whole.replace('"seq":3', '"seq":4'), /it was changed after it was written/],
    [whole.replace('"format":1', '"format":2'), /a newer version of Switchhook wrote it/],
  ] as const) {
    writeFileSync(file, changed)
    const stderr = await refused(t, ['import', file], { DATA_DIR })
    t.match(stderr, message)
    t.match(stderr, /^\S+other\.jsonl cannot be imported into .*\nNothing was imported\.\n$/)
  }
  writeFileSync(file, whole)
  t.match(await told(t, ['import', file], { DATA_DIR }), { rows: { events: 3 } })
})

test('only an empty store takes an import; what a first start left there is replaced', async (t) => {
  const file = await exported(t)
  const app = JSON.parse(rowsOf(file)[1]!) as { row: { id: string } }
  const started = temporaryDir(t)
  const { app: server } = await build(t, { dataDir: started })
  t.not(server.directory.firstApp.id, app.row.id)
  await server.close()
  await told(t, ['import', file], { DATA_DIR: started })
  const store = await storeAt(t, { dataDir: started })
  const { firstApp, onlyApp } = await openDirectory(store)
  t.equal(firstApp.id, app.row.id)
  t.equal(onlyApp?.id, firstApp.id)
  t.strictSame(await (await openJournal(store)).heads([firstApp.id]), new Map([[firstApp.id, 3]]))
  await store.close()

  const before = await exported(t, { DATA_DIR: started })
  const message = await refused(t, ['import', file], { DATA_DIR: started })
  t.match(message, 'the store is in use, it has counters, deliveries, events, calls already')
  t.match(message, /a new DATA_DIR, or a new database \(createdb\)/)
  t.strictSame(rowsOf(await exported(t, { DATA_DIR: started })), rowsOf(before))
  const json = await runCli(t, ['import', file, '--json'], { DATA_DIR: started })
  t.equal(json.code, 1)
  t.match(JSON.parse(json.stdout), { ok: false, message: /is in use/, fix: /^Nothing was / })
})

test('a process that runs on the new database gets no event between', async (t) => {
  const file = await exported(t)
  const DATABASE_URL = await emptyDatabase(t)
  const { url } = await build(t, { environment: { DATABASE_URL } })
  await told(t, ['import', file], { DATABASE_URL })
  t.equal((await post(url, telnyxEvent())).status, 200, 'its app is gone, so it can only be kept')
  const rows = rowsOf(await exported(t, { DATABASE_URL }))
  t.strictSame(
    rows.filter((row) => !row.includes('store_refused: app')),
    rowsOf(file),
  )
})
