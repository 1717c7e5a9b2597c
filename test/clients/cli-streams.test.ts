import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { Client as Database } from 'pg'
import { test, type Test } from 'tap'
import { temporaryDir } from '../kit/build.ts'
import { filledStore } from '../kit/filled-store.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { cleanEnvironment, root } from '../kit/process.ts'
import { exported, linesOf, refused, rowsOf, told } from './stores.ts'
import type { Settings } from './run-cli.ts'

const main = join(root, 'clients/cli/main.ts')
// A start of the CLI takes seconds where everything else is tested beside it.
const deadlineMs = 60_000
/** More than all buffers on the way take. */
const large = Array.from({ length: 64 }, () => 65_536)

test('a file is complete or not there, and nobody else reads it', async (t) => {
  const DATA_DIR = await filledStore(t)
  const dir = temporaryDir(t)
  const file = join(dir, 'move.jsonl')
  writeFileSync(file, 'old', { mode: 0o644 })
  await told(t, ['export', file], { DATA_DIR })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(linesOf(file).length, 14)
  mkdirSync(join(dir, 'folder'))
  for (const [path, message] of [
    [join(dir, 'folder'), /folder is no file\nWithout a file/],
    ['/dev/null', /\/dev\/null is no file/],
    [join(dir, 'nowhere/move.jsonl'), /nowhere\/move\.jsonl cannot be written: ENOENT/],
  ] as const) {
    t.match(await refused(t, ['export', path], { DATA_DIR }), message)
  }
  t.ok(statSync('/dev/null').isCharacterDevice())
  writeFileSync(file, 'still there')
  t.match(
    await refused(t, ['export', file], { DATA_DIR: await broken(t) }),
    /cannot be exported: the store failed while it was read: .*\nNothing was written\./,
  )
  t.equal(readFileSync(file, 'utf8'), 'still there')
  t.strictSame(readdirSync(dir).sort(), ['folder', 'move.jsonl'], 'no draft is left')
})

/** A store that opens and cannot be read to its end. */
async function broken(t: Test): Promise<string> {
  const dataDir = await filledStore(t)
  const db = new DatabaseSync(join(dataDir, 'switchhook.db'))
  db.exec('alter table calls rename to elsewhere')
  db.close()
  return dataDir
}

test('standard output that fails fails the export', async (t) => {
  const DATA_DIR = await filledStore(t)
  const cli = `'${process.execPath}' '${main}'`
  const run = (line: string) =>
    promisify(execFile)('bash', ['-o', 'pipefail', '-c', line], {
      env: cleanEnvironment({ DATA_DIR }),
      timeout: deadlineMs,
    })
  await t.rejects(run(`${cli} export > /dev/full`), {
    code: 1,
    stderr: /standard output takes no more: ENOSPC/,
  })
  await t.rejects(run(`${cli} export | true`), { code: 1, stderr: /takes no more|interrupted/ })
  const { stdout, stderr } = await run(`${cli} export`)
  t.match(stdout.split('\n').at(-2), /^\{"rows":\{.*"sha256":"[0-9a-f]{64}"\}$/)
  t.match(stderr, /^exported \S+switchhook\.db: journal 1, .*\(epoch \w+, migration \d+\)\n$/)
  const json = await run(`${cli} export --json`)
  t.equal(json.stderr, '')
  t.strictSame(json.stdout.split('\n').slice(1, -2), stdout.split('\n').slice(1, -2))
})
/** Posts a delivery that must be taken. @returns what became of it */
/** A command whose standard input and output the test holds; nothing is read before the test does. */
function held(t: Test, args: string[], settings: Settings) {
  const child = spawn(process.execPath, [main, ...args], {
    env: cleanEnvironment({ NO_COLOR: '1', ...settings }),
  })
  t.teardown(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(deadlineMs) })
  return { child, complaint: text(child.stderr), code: exited.then(([code]) => code as number) }
}

/** Asks the database until the answer has rows. */
async function eventually(url: string, query: string): Promise<Record<string, unknown>[]> {
  const client = new Database(url)
  await client.connect()
  const deadline = Date.now() + deadlineMs
  try {
    for (;;) {
      const { rows } = await client.query<Record<string, unknown>>(query)
      if (rows.length > 0) return rows
      if (Date.now() > deadline) throw new Error(`nothing came of ${query}`)
    }
  } finally {
    await client.end()
  }
}

/** Transactions that wait for their process, by what they asked for last. */
const waiting = (query: string): string =>
  `select query_start::text as since from pg_stat_activity
   where datname = current_database() and state = 'idle in transaction' and query ilike '${query}'`

test('a reader that takes its time finds PostgreSQL still there', async (t) => {
  const file = await exported(t, { DATA_DIR: await filledStore(t, large) })
  const DATABASE_URL = await emptyDatabase(t)
  await told(t, ['import', file], { DATABASE_URL })
  const { child, code, complaint } = held(t, ['export'], { DATABASE_URL })
  // Heartbeats, long after the transaction began: the server counts its patience from the last one.
  const [first] = await eventually(DATABASE_URL, waiting('select 1'))
  const later = `query_start > '${String(first!['since'])}'::timestamptz`
  await eventually(DATABASE_URL, `${waiting('select 1')} and ${later}`)
  const stdout = await text(child.stdout)
  t.equal(await code, 0, await complaint)
  t.ok(stdout.split('\n').slice(1, -2).join('\n') === rowsOf(file).join('\n'))
})

test('an export that is asked to end leaves nothing behind', async (t) => {
  const DATA_DIR = await filledStore(t, large)
  const { child, code, complaint } = held(t, ['export'], { DATA_DIR })
  await once(child.stdout, 'readable', { signal: AbortSignal.timeout(deadlineMs) })
  child.kill('SIGTERM')
  t.equal(await code, 1)
  t.equal(await complaint, 'interrupted\nStandard output has no complete export.\n')
})

test('an import that is asked to end, or cut off, leaves the store as it was', async (t) => {
  const file = await exported(t)
  const DATABASE_URL = await emptyDatabase(t)
  for (const [end, message] of [
    ['SIGINT', 'interrupted\nNothing was imported.\n'],
    ['eof', /it has no last line: it was cut off\nNothing was imported\.\n$/],
  ] as const) {
    const { child, code, complaint } = held(t, ['import', '-'], { DATABASE_URL })
    child.stdin.write(`${linesOf(file).slice(0, 9).join('\n')}\n`)
    await eventually(DATABASE_URL, waiting('insert into deliveries%'))
    if (end === 'eof') child.stdin.end()
    else child.kill(end)
    t.equal(await code, 1)
    t.match(await complaint, message)
  }
  t.match(await told(t, ['import', file], { DATABASE_URL }), { rows: { events: 3 } })
})
