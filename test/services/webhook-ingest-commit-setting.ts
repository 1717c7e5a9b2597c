import { once, EventEmitter } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { openDirectory } from '@switchhook/shared/directory'
import {
  openJournal,
  type Appended,
  type Journal,
  type NewDelivery,
} from '@switchhook/shared/journal'
import { openSpool, type Spool, type Spooled } from '@switchhook/services/webhook-ingest/spool'
import { groupCommit, type Commit } from '../../services/webhook-ingest/commit.ts'
import { temporaryDir } from '../kit/build.ts'
import { sampleDelivery, sampleEvent } from '../kit/sample.ts'
import { storeAt } from '../kit/store.ts'
import type { Test } from 'tap'
import type { CallEvent } from '@switchhook/shared/events'

export const mebibyte = 1_048_576

/** A delivery whose events are in its sealed octets, with as many more octets as asked for. */
export function delivery(app: string, ballast = 0, events = [sampleEvent()]): NewDelivery {
  const sealed = Buffer.from(
    JSON.stringify({ events, ballast: randomBytes(ballast).toString('hex') }),
  )
  return { ...sampleDelivery(app, events), sealed }
}

export function revive({ id, app, provider, receivedAt, sealed }: Spooled): NewDelivery {
  const { events } = JSON.parse(Buffer.from(sealed).toString()) as { events: CallEvent[] }
  return { ...sampleDelivery(app, events), id, provider, receivedAt, sealed }
}

export interface Setting {
  readonly app: string
  readonly journal: Journal
  readonly spool: Spool
  readonly commit: Commit
  /** Ids of events in the order in which they were published. */
  readonly published: string[]
  readonly failures: unknown[]
  /** Resolves when the condition holds; it is looked at after every publication and failure. */
  until(condition: () => boolean): Promise<void>
  stored(): Promise<string[]>
}

interface SettingOptions {
  readonly dir?: string
  readonly limit?: number
  readonly storeDeadlineMs?: number
  /** The embedded store in `dir` when it is not said. */
  readonly url?: string
  /** Changes the journal that the commit sees. */
  readonly through?: (journal: Journal) => Journal['append']
}

export async function setting(t: Test, options: SettingOptions = {}): Promise<Setting> {
  const {
    dir = temporaryDir(t),
    limit = 8 * mebibyte,
    storeDeadlineMs = 5_000,
    through,
    url,
  } = options
  const store = await storeAt(t, { dataDir: dir, ...(url && { url }) })
  const app = (await openDirectory(store)).firstApp.id
  const journal = await openJournal(store)
  const spool = await openSpool({ dir: join(dir, 'spool'), limit, onDamage: () => {} })
  t.teardown(() => spool.close())
  const [published, failures]: [string[], unknown[]] = [[], []]
  const news = new EventEmitter().setMaxListeners(0)
  const publish = (appended: Appended): void => {
    if (appended.status === 'accepted') published.push(...appended.rows.map(({ id }) => id))
    news.emit('news')
  }
  const seen = through ? { ...journal, append: through(journal) } : journal
  const whole = groupCommit(seen, {
    onBatch: () => {},
    onFailure: (error) => {
      failures.push(error)
      news.emit('news')
    },
    standIn: { spool, revive, storeDeadlineMs, onAppended: (_, appended) => publish(appended) },
  })
  t.teardown(() => whole.close())
  const commit = async (one: NewDelivery): Promise<Appended> => {
    const appended = await whole(one)
    publish(appended)
    return appended
  }
  return {
    app,
    journal,
    spool,
    commit: Object.defineProperty(Object.assign(commit, { close: whole.close }), 'mode', {
      get: () => whole.mode,
    }) as unknown as Commit,
    published,
    failures,
    async until(condition) {
      const deadline = AbortSignal.timeout(60_000)
      while (!condition()) await nextNews(news, deadline)
    },
    stored: async () => (await journal.read(app, 0, 100_000)).map(({ id }) => id),
  }
}

/** Drained is not news by itself, so it is looked for a little later too. */
async function nextNews(news: EventEmitter, deadline: AbortSignal): Promise<void> {
  const timer = setTimeout(() => news.emit('news'), 20)
  await once(news, 'news', { signal: deadline }).finally(() => clearTimeout(timer))
}

/** The journal, but for when it is away. */
export function switchable() {
  const state = { away: false }
  const through =
    (journal: Journal): Journal['append'] =>
    async (batch) => {
      if (state.away)
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
      return journal.append(batch)
    }
  return { state, through }
}

/** Rows of the table of deliveries. */
export function deliveriesIn(
  dir: string,
): { id: string; verdict: string; reason: string | null }[] {
  const db = new DatabaseSync(join(dir, 'switchhook.db'), { readOnly: true })
  const rows = db.prepare('select id, verdict, reason from deliveries').all()
  db.close()
  return rows as unknown as ReturnType<typeof deliveriesIn>
}

/** The id of its event. */
export const eventOf = (one: NewDelivery): string => one.events[0]!.id

/** An error about what is in a delivery. */
export const refusal = Object.assign(new Error('value out of range'), { code: '22003' })
