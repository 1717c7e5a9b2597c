import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { test } from 'tap'
import { migrations, sqlite } from '@switchhook/shared/database/migrations'
import { build, temporaryDir } from '../kit/build.ts'
import { connect } from '../kit/client.ts'
import { filledStore } from '../kit/filled-store.ts'
import { administer, emptyDatabase } from '../kit/postgres.ts'
import { cleanEnvironment, freePort, root } from '../kit/process.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { runCli } from './run-cli.ts'
import { refused, told } from './stores.ts'

const steps = migrations(sqlite)
const last = steps.at(-1)!

test('migrate says what it did; a schema from elsewhere is refused', async (t) => {
  const DATABASE_URL = await emptyDatabase(t)
  const DATA_DIR = join(temporaryDir(t), 'new')
  const went = `went from migration 0 to ${last.id}: ${steps.map(({ id, name }) => `${id} (${name})`).join(', ')}\n`
  const current = { ok: true, from: last.id, to: last.id, applied: [] }
  const both = [{ DATABASE_URL }, { DATA_DIR }].map(async (settings) => {
    t.match((await runCli(t, ['migrate'], settings)).stdout, went)
    t.match(await told(t, ['migrate'], settings), current)
  })
  await Promise.all(both)
  const { stdout } = await runCli(t, ['migrate'], { DATA_DIR })
  t.equal(stdout, `${DATA_DIR}/switchhook.db is up to date at migration ${last.id}\n`)
  await administer(DATABASE_URL, `insert into migrations values (9999, 'the future', 'x', 'y')`)
  t.match(
    await refused(t, ['migrate'], { DATABASE_URL }),
    /migration 9999 \(the future\), which this version does not know: run the newer version/,
  )
  const db = new DatabaseSync(join(DATA_DIR, 'switchhook.db'))
  db.exec(`update migrations set checksum = 'x'`)
  db.close()
  t.match(await refused(t, ['migrate'], { DATA_DIR }), /migration 1 .*was changed after it was/)
})

test('a store that is not there is not made up, and a wrong address is told', async (t) => {
  const DATA_DIR = join(temporaryDir(t), 'misspelt')
  const missing = [['export'], ['epoch', 'renew']].map((args) => refused(t, args, { DATA_DIR }))
  for (const stderr of await Promise.all(missing)) {
    t.match(stderr, `there is no store in ${DATA_DIR}\nSet DATA_DIR`)
  }
  t.notOk(existsSync(DATA_DIR))
  const port = await freePort()
  const away = { DATABASE_URL: `postgres://ada:hush@127.0.0.1:${port}/x` }
  const stderr = await refused(t, ['export'], away)
  t.match(stderr, `DATABASE_URL: nobody listens at ada@127.0.0.1:${port}/x`)
  t.notMatch(stderr, 'hush')
  const secret = join(temporaryDir(t), 'url')
  writeFileSync(secret, `${away.DATABASE_URL}\n`)
  t.match(await refused(t, ['migrate'], { DATABASE_URL_FILE: secret }), /nobody listens at/)
  const empty = temporaryDir(t)
  await runCli(t, ['migrate'], { DATA_DIR: empty })
  t.match(await refused(t, ['export'], { DATA_DIR: empty }), /the store is empty/)
  t.match(await refused(t, ['epoch', 'renew'], { DATA_DIR: empty }), /has no journal yet/)
})

test('wrong usage exits 2, wrong configuration 78', async (t) => {
  const DATA_DIR = temporaryDir(t)
  const cases = [
    [['migrate'], { DATABASE_URL: 'mysql://x' }, 78, /DATABASE_URL: is not a PostgreSQL address/],
    [['migrate'], { DB_HOST: 'x', DB_PORT: 'y' }, 78, /DB_PORT: must be an integer/],
    [['migrate'], { DATABSE_URL: 'postgres://x/y' }, 78, /did you mean DATABASE_URL\?/],
    [['import'], { DATA_DIR }, 2, /'import' needs the file that 'export' wrote, or -/],
    [['import', 'a', 'b'], { DATA_DIR }, 2, /takes one file, and no 'b'/],
    [['export', 'a', 'b'], { DATA_DIR }, 2, /takes one file, and no 'b'/],
    [['migrate', 'now'], { DATA_DIR }, 2, /takes no 'now'/],
    [['import', join(DATA_DIR, 'no')], { DATA_DIR }, 1, /no cannot be read: ENOENT/],
  ] as const
  await Promise.all(
    cases.map(async ([args, settings, code, message]) => {
      const result = await runCli(t, args, settings)
      t.equal(result.code, code, args.join(' '))
      t.match(result.stderr, message)
    }),
  )
})

test('a new epoch makes every old cursor invalid', async (t) => {
  const dataDir = temporaryDir(t)
  const first = await build(t, { dataDir })
  await post(first.url, telnyxEvent())
  const { epoch } = first.app.journal
  t.match(await refused(t, ['epoch', 'renew'], { DATA_DIR: dataDir }), /another Switchhook process/)
  await first.app.close()
  const renewed = await told(t, ['epoch', 'renew'], { DATA_DIR: dataDir })
  t.match(renewed, { ok: true, store: join(dataDir, 'switchhook.db'), before: epoch })
  t.match(renewed['after'], /^[0-9a-f]{8}$/)
  t.not(renewed['after'], epoch)
  const second = await build(t, { dataDir })
  t.equal(second.app.journal.epoch, renewed['after'])
  const client = await connect(second.url, {
    token: second.token,
    cursor: `${epoch}:1`,
    modern: true,
  })
  t.match(await client.nextNamed('resync'), { data: { reason: 'epoch' } })
  await client.close()
  await second.app.close()
  const { code, stdout } = await runCli(t, ['epoch', 'renew'], { DATA_DIR: dataDir })
  t.equal(code, 0)
  t.match(
    stdout,
    new RegExp(`: epoch ${String(renewed['after'])} → [0-9a-f]{8}\nStart every process`),
  )
})

test('the commands of the page move a store', async (t) => {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8')
  const [, section = ''] = page.split('## Move from the embedded store to PostgreSQL')
  const [, block = ''] = /```sh\n([^]*?)```/.exec(section) ?? []
  const url = await emptyDatabase(t)
  const script = block
    .replaceAll('npx -y pnpm@12 switchhook', `'${process.execPath}' clients/cli/main.ts`)
    .replaceAll('/var/lib/switchhook', await filledStore(t))
    .replaceAll('/var/backups', temporaryDir(t))
    .replace(/postgres:\S+/, url)
  const { stdout } = await promisify(execFile)('sh', ['-ec', script], {
    cwd: root,
    env: cleanEnvironment({}),
    timeout: 60_000,
  })
  t.match(stdout, /^exported .*deliveries 3, events 3/)
  t.match(stdout, /^imported into postgres:.*deliveries 3, events 3/m)
  t.match(stdout, 'keep the SECRETS_KEY of before')
})
