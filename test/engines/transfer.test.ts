import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'tap'
import { migrations, sqlite } from '@switchhook/shared/database/migrations'
import { openDirectory } from '@switchhook/shared/directory'
import { openJournal } from '@switchhook/shared/journal'
import { exportStore, importStore, tables, type Watch } from '@switchhook/shared/transfer'
import { temporaryDir } from '../kit/build.ts'
import { filledStore } from '../kit/filled-store.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'
import type { Store } from '@switchhook/shared/database'

interface Line {
  readonly table: string
  readonly row: Record<string, unknown>
}

const watch: Watch = { signal: new AbortController().signal }

/** What an export of the store writes, line by line. */
async function exported(store: Store): Promise<string[]> {
  const parts: Buffer[] = []
  await exportStore(store, async (octets) => void parts.push(octets), watch)
  return Buffer.concat(parts).toString().trimEnd().split('\n')
}

/** Imports lines that arrive in chunks that are none. */
function imported(store: Store, lines: readonly string[], size = 777) {
  const octets = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
  }
  return importStore(store, chunks(), watch)
}

const rowsOf = (lines: readonly string[]): readonly string[] => lines.slice(1, -1)

test('an export has every table, each after those it refers to', async (t) => {
  const dataDir = await filledStore(t)
  const db = new DatabaseSync(join(dataDir, 'switchhook.db'))
  t.teardown(() => db.close())
  const stored = db
    .prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite%'`)
    .all()
    .map(({ name }) => String(name))
  const moved = tables.map(({ name }) => name)
  t.strictSame(stored.toSorted(), [...moved, 'migrations'].sort(), 'else add it to tables.ts')
  for (const [index, { name, key, wide }] of tables.entries()) {
    const referred = db.prepare(`pragma foreign_key_list(${name})`).all()
    for (const { table } of referred) t.ok(moved.slice(0, index).includes(String(table)), name)
    const columns = db.prepare(`pragma table_info(${name})`).all()
    const primary = columns.filter(({ pk }) => Number(pk) > 0)
    const ordered = primary.toSorted((a, b) => Number(a['pk']) - Number(b['pk']))
    t.strictSame(
      ordered.map((column) => column['name']),
      key,
      name,
    )
    const bytes = columns.filter(({ type }) => type === 'BLOB' || type === 'blob')
    // A digest has sixteen octets; everything else may be as large as somebody made it.
    const unbounded = bytes.filter((column) => column['name'] !== 'digest')
    for (const column of unbounded) t.equal(column['name'], wide)
  }
})

test('an export has a header, a row a line, and counts with a checksum at the end', async (t) => {
  const store = await storeAt(t, { dataDir: await filledStore(t) })
  const lines = await exported(store)
  const [header, ...rows] = lines.slice(0, -1).map((line) => JSON.parse(line) as object)
  const { id, name } = migrations(sqlite).at(-1)!
  const { epoch } = await openJournal(store)
  t.match(header, { switchhook: 'export', format: 1, migration: { id, name }, epoch })
  t.match(header, { exportedAt: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ })
  const filled = ['journal', 'apps', 'counters', 'deliveries', 'events', 'calls']
  t.strictSame([...new Set((rows as Line[]).map(({ table }) => table))], filled)
  const sealed = (rows as Line[]).flatMap(({ row }) => (row['sealed'] ? [row['sealed']] : []))
  t.match(sealed, [{ base64: String }, { base64: String }, { base64: String }])
  const before = lines.slice(0, -1).map((line) => `${line}\n`)
  t.strictSame(JSON.parse(lines.at(-1)!), {
    rows: {
      ...Object.fromEntries(tables.map(({ name }) => [name, 0])),
      journal: 1,
      apps: 1,
      counters: 1,
      deliveries: 3,
      events: 3,
      calls: 3,
    },
    sha256: createHash('sha256').update(before.join('')).digest('hex'),
  })
})

test('stores of more than a page move, rows larger than a page too', async (t) => {
  const small = Array.from({ length: 1_100 }, (_, index) => index % 50)
  const sizes = [...small, 3_000_000, 1, 2_500_000, 2, 1_100_000, 1_100_000, 3]
  const first = await storeAt(t, { dataDir: await filledStore(t, sizes) })
  const second = await storeAt(t, { url: await emptyDatabase(t) })
  const third = await storeAt(t, { dataDir: temporaryDir(t) })
  const lines = await exported(first)
  const moved = await imported(second, lines, 65_536)
  t.match(moved, { rows: { deliveries: 1_107, events: 1_107, calls: 3 } })
  const again = await exported(second)
  t.ok(rowsOf(again).join('\n') === rowsOf(lines).join('\n'), 'to PostgreSQL')
  await imported(third, again, 65_536)
  t.ok(rowsOf(await exported(third)).join('\n') === rowsOf(lines).join('\n'), 'and back')
})

test('pages are bounded in rows and octets, and one at a time is in memory', async (t) => {
  const sizes = Array.from({ length: 1_200 }, (_, index) => (index % 100 === 0 ? 700_000 : 100))
  const store = await storeAt(t, { dataDir: await filledStore(t, sizes) })
  const pages: Buffer[] = []
  const counts: number[] = []
  await exportStore(store, async (octets) => void pages.push(octets), {
    ...watch,
    onRows: (count) => counts.push(count),
  })
  const largest = Math.max(...pages.map(({ length }) => length))
  // Base64 makes four octets of three; the other columns come on top.
  t.ok(largest < 4_000_000, `${largest} octets`)
  const steps = counts.map((count, index) => count - (counts[index - 1] ?? 0))
  t.equal(Math.max(...steps), 250)
  t.equal(counts.at(-1), 3 + 1_200 * 2 + 3)
})

test('what is not what an export wrote changes nothing', async (t) => {
  const whole = await exported(await storeAt(t, { dataDir: await filledStore(t) }))
  const header = JSON.parse(whole[0]!) as object
  const headed = (changed: object) => [JSON.stringify({ ...header, ...changed }), ...whole.slice(1)]
  const changed = (from: string, to: string) =>
    whole.map((line, index) => (index === 9 ? line.replace(from, to) : line))
  t.match(whole[9], '"seq":3')
  for (const options of [{ dataDir: temporaryDir(t) }, { url: await emptyDatabase(t) }]) {
    const store = await storeAt(t, options)
    const app = (await openDirectory(store)).firstApp.id
    const { epoch } = await openJournal(store)
    for (const [lines, message] of [
      [whole.slice(0, -1), /it has no last line: it was cut off/],
      [[], /it has no last line/],
      [['{"hello":"world"}'], /it is no export of Switchhook/],
      [['SQLite format 3'], /it is no export of Switchhook/],
      [['null'], /it is no export of Switchhook/],
      [changed('"seq":3', '"seq":4'), /it was changed after it was written/],
      [changed('"seq":3', '"seq":2'), /failed while it took rows of events/],
      [changed('"seq":3', '"sql":3'), /line 10 has no seq, as events have/],
      [changed('"seq":3', '"seq":3,"late) --":0'), /line 10 has columns that events do not/],
      [changed('"seq":3', '"seq":[3]'), /line 10 has no seq/],
      [changed('"row":{', '"row":[{'), /line 10 is no row of a table/],
      [changed('"table":"events"', '"table":"migrations"'), /line 10 is no row of a table/],
      [whole.toSpliced(9, 1), /it was changed after it was written/],
      [[...whole, ...whole], /line 15 follows the end/],
      [headed({ format: 2 }), /a newer version of Switchhook wrote it \(format 2/],
      [headed({ migration: { id: 9_999 } }), /a newer version .*migration 9999; this one has/],
      [headed({ migration: { id: 0 } }), /an older version .*migration 0, this one has/],
      [headed({ exportedAt: 'never' }), /it was changed after it was written/],
    ] as const) {
      await t.rejects(imported(store, lines), { message })
    }
    t.equal((await openDirectory(store)).onlyApp?.id, app)
    t.equal((await openJournal(store)).epoch, epoch)
    t.match(await imported(store, whole), { rows: { events: 3 } })
    await t.rejects(imported(store, whole), { message: /is in use, it has counters, deliveries/ })
  }
})

test('a move that is given up leaves no transaction open', async (t) => {
  const dataDir = await filledStore(t)
  for (const options of [{ dataDir }, { url: await emptyDatabase(t) }]) {
    const store = await storeAt(t, options)
    await openDirectory(store)
    await openJournal(store)
    const stop = new AbortController()
    const write = async (): Promise<void> => stop.abort()
    await t.rejects(exportStore(store, write, { signal: stop.signal }), { name: 'AbortError' })
    const full = new Error('full')
    await t.rejects(
      exportStore(store, () => Promise.reject(full), watch),
      full,
    )
    t.equal((await exported(store)).length > 4, true)
  }
})
