import { statSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '@switchhook/shared/config'
import { openStore, StoreOptions, type Store } from '@switchhook/shared/database'
import { openDirectory } from '@switchhook/shared/directory'
import { openCalls, openJournal, type Calls } from '@switchhook/shared/journal'
import { questions } from './calls-questions.ts'
import { inTempDir } from './children.ts'
import { median, percentile, usage, usedBetween } from './measure.ts'
import { figure, tableText } from './table.ts'
import type { Options } from './options.ts'

/** How long one question takes, milliseconds, from the asking thread there and back. */
interface Row {
  readonly question: string
  /** Calls of the page. */
  readonly calls: number
  /** It found calls where there are some, and none where there are none. */
  readonly right: boolean
  readonly median: number
  readonly p95: number
  /** CPU of all threads. */
  readonly cpu: number
}

export interface CallsReport {
  /** Every answer is right, and every median below the goal if the store is as large as that is for. */
  readonly valid: boolean
  readonly calls: number
  readonly fillSeconds: number
  readonly megabytes: number
  readonly rows: readonly Row[]
}

const goalMs = 50
const perStep = 5_000
const times = 20

/** Asks every kind of question of a store with a million calls. */
export async function benchCalls({ quick }: Options): Promise<CallsReport> {
  const total = quick ? 10_000 : 1_000_000
  return inTempDir(async (dataDir) => {
    const began = performance.now()
    const app = await filled(dataDir, total)
    const fillSeconds = (performance.now() - began) / 1_000
    const megabytes = statSync(join(dataDir, 'switchhook.db')).size / 1e6
    const store = await openedAt(dataDir)
    const rows = await ask(openCalls(store), app, total)
    await store.close()
    const valid = rows.every((row) => row.right && (quick || row.median < goalMs))
    return { valid, calls: total, fillSeconds, megabytes, rows }
  })
}

async function filled(dataDir: string, total: number): Promise<string> {
  const store = await openedAt(dataDir)
  try {
    const app = (await openDirectory(store)).firstApp.id
    await openJournal(store)
    const module = import.meta.resolve('./calls-store.ts')
    const sql = store.procedures<typeof import('./calls-store.ts')>(module)
    await sql.hurry()
    for (let from = 0; from < total; from += perStep) {
      await sql.write({ app, from, count: perStep, total })
      if (from % 100_000 === 0) console.error(`calls: ${from} of ${total}`)
    }
    await sql.finish(app, total)
    return app
  } finally {
    await store.close()
  }
}

function openedAt(dataDir: string): Promise<Store> {
  const options = { ...loadConfig(StoreOptions, { environment: {} }), dataDir }
  return openStore(options, { onCrash: fail, onDisconnect: () => {} })
}

function fail(error: Error): never {
  throw error
}

async function ask(calls: Calls, app: string, total: number): Promise<Row[]> {
  const rows: Row[] = []
  const newest = `call-${total - 1}`
  for (const { name, query, finds } of questions(total)) {
    rows.push(await timed(name, finds, async () => (await calls.list(app, query)).calls.length))
  }
  const find = async (): Promise<number> => ((await calls.find(app, newest)) ? 1 : 0)
  const timeline = { call: newest, after: null, limit: 1_000 }
  rows.push(
    await timed('one call', true, find),
    await timed('its newest 1,000 events', true, async () => {
      return (await calls.events(app, timeline)).rows.length
    }),
  )
  return rows
}

async function timed(question: string, finds: boolean, work: () => Promise<number>): Promise<Row> {
  const calls = await work()
  const right = calls > 0 === finds
  const durations: number[] = []
  const before = usage(process.pid)
  for (let index = 0; index < times; index += 1) {
    const asked = performance.now()
    await work()
    durations.push(performance.now() - asked)
  }
  const cpu = usedBetween(before, usage(process.pid), times).cpuUs / 1_000
  return {
    question,
    calls,
    right,
    median: median(durations),
    p95: percentile(durations, 0.95),
    cpu,
  }
}

/** The report for people. */
export function callsText({ calls, fillSeconds, megabytes, rows }: CallsReport): string {
  const title = `${calls.toLocaleString('en')} calls, written in ${figure(fillSeconds)} s, ${figure(megabytes)} MB`
  const cells = rows.map(({ question, calls: found, right, median: middle, p95, cpu }) => {
    return [
      question,
      right ? String(found) : `${found}, wrong`,
      figure(middle),
      figure(p95),
      figure(cpu),
    ]
  })
  return `${title}\n\n${tableText(['GET /api/calls', 'found', 'median ms', 'p95 ms', 'CPU ms'], cells)}`
}
