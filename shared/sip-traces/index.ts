import { randomUUID } from 'node:crypto'
import { inTurn, type Store } from '../database/index.ts'
import type { Sealing } from '../sealing/index.ts'
import type { NewMessage, SipTraces, TracedMessage } from './contract.ts'

export type {
  CallFacts,
  CallSlice,
  Lost,
  NewMessage,
  NewTrace,
  SipTraces,
  Trace,
  TracedCall,
  TracedMessage,
  WrittenCall,
} from './contract.ts'

/** What a trace may hold, and how many of them an app may have at a time. */
export const bounds = { messages: 2_000, bytes: 4_194_304, traces: 20 }

interface Parts {
  readonly sealing: Sealing
  /** Unix milliseconds. */
  readonly now?: () => number
}

/** Opens the SIP traces of a store. */
export async function openSipTraces(store: Store, parts: Parts): Promise<SipTraces> {
  const { sealing, now = Date.now } = parts
  const sql = store.procedures<typeof import('./sql.ts')>(import.meta.resolve('./sql.ts'))
  const module = import.meta.resolve('./messages-sql.ts')
  const messages = store.procedures<typeof import('./messages-sql.ts')>(module)
  const node = randomUUID()
  const turns = inTurn()
  let known = await sql.changes(-1, timeOf(now()))

  const refresh = (): Promise<void> =>
    turns.take(async () => {
      const changes = await sql.changes(known!.revision, timeOf(now()))
      if (changes) known = changes
    })

  return {
    active() {
      const time = timeOf(now())
      return known!.active.filter(({ until }) => until > time)
    },
    async start({ lastsMs, ...wanted }) {
      const at = now()
      const times = { now: timeOf(at), until: timeOf(at + lastsMs) }
      const trace = await sql.start({ ...wanted, ...times, id: randomUUID() }, bounds.traces)
      await refresh()
      return trace
    },
    async end(app, aor) {
      const isEnded = await sql.end(app, aor, timeOf(now()))
      await refresh()
      return isEnded
    },
    list: (app) => sql.list(app, timeOf(now())),
    calls: (app, slice) => messages.calls(app, slice),
    async call(app, call) {
      const found = await messages.read(app, call, timeOf(now()))
      if (!found) return null
      const readable = found.rows.flatMap(({ at, sealed }) => {
        const message = opened(sealing, sealed, placeOf(app, call))
        return message ? [{ at: timeOf(Math.floor(at / 1_000)), ...message }] : []
      })
      const unreadable = found.rows.length - readable.length
      return { messages: readable, traces: found.traces, unreadable }
    },
    async write(given, lost = []) {
      const rows = given.map(({ message, ...row }) => ({
        ...row,
        node,
        time: timeOf(Math.floor(row.at / 1_000)),
        sealed: sealing.seal(Buffer.from(JSON.stringify(message)), placeOf(row.app, row.call)),
      }))
      const isNews = await messages.write({ rows, lost }, { ...bounds, now: timeOf(now()) })
      if (isNews) await refresh()
    },
    purge: (before, limit) => sql.purge(before, limit),
    refresh,
  }
}

/** Nothing for what no key of ours opens: older keys may go before what they sealed. */
function opened(
  sealing: Sealing,
  sealed: Uint8Array,
  place: string,
): Omit<TracedMessage, 'at'> | null {
  try {
    return JSON.parse(sealing.open(sealed, place).toString()) as NewMessage['message']
  } catch {
    return null
  }
}

function placeOf(app: string, call: string): string {
  return `sip_messages/${app}/${call}`
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
