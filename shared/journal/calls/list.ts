import { recordOf, type CallState } from '../../projections/index.ts'
import { isBelow } from './source.ts'
import { entriesOf } from './lists.ts'
import { isWanted, Walk } from './walk.ts'
import type { Database, Sql } from '../../database/index.ts'
import type { CallQuery, ListedCall, ListedCalls, Place } from './contract.ts'

/** Live calls that are looked through, those that were heard of last; a switchboard has fewer. */
const maxLive = 5_000

interface Row {
  readonly id: string
  readonly state: string
  readonly first_seq: number
}

/** See `Calls.list`. The number, the lists and the records are of one moment. */
export function list(db: Database, app: string, query: CallQuery): Promise<ListedCalls> {
  return db.transaction(async (sql) => {
    const seq = headOf(sql, app)
    const page = query.state === 'live' ? liveCalls : listedCalls
    return { ...(await page(sql, app, query)), seq: await seq }
  }, 'read')
}

async function headOf(sql: Sql, app: string): Promise<number> {
  const [counter] = await sql.query<{ seq: number }>('select seq from counters where app = $1', app)
  return counter?.seq ?? 0
}

type Page = Omit<ListedCalls, 'seq'>

async function listedCalls(sql: Sql, app: string, query: CallQuery): Promise<Page> {
  const { limit } = query
  const live = query.state === 'ended' ? await numbersOfLive(sql, app) : new Set<number>()
  const walk = await Walk.begin(sql, app, query)
  const places: Place[] = []
  while (places.length <= limit) {
    const place = await walk.next()
    if (place === null) break
    if (!live.has(place.firstSeq)) places.push(place)
  }
  const calls = await recordsAt(sql, app, places.slice(0, limit))
  if (places.length > limit) return { calls, next: places[limit - 1]! }
  return { calls, next: walk.done ? null : walk.at }
}

export const liveNumbers = 'select first_seq from calls where app = $1 and live = 1'

/** All of them: a call that has just ended must not count as one. */
async function numbersOfLive(sql: Sql, app: string): Promise<Set<number>> {
  const rows = await sql.query<{ first_seq: number }>(liveNumbers, app)
  return new Set(rows.map(({ first_seq }) => first_seq))
}

export const callByNumber =
  'select id, state, first_seq from calls where app = $1 and first_seq = $2'

async function recordsAt(sql: Sql, app: string, places: readonly Place[]): Promise<ListedCall[]> {
  const found = await Promise.all(
    places.map(({ firstSeq }) => sql.query<Row>(callByNumber, app, firstSeq)),
  )
  return found.flatMap(([row], index) =>
    row ? [{ place: places[index]!, record: recordOf(stateOf(row), row.id) }] : [],
  )
}

export const liveByNumber = `select id, state, first_seq from calls
  where app = $1 and live = 1 order by first_seq desc limit $2`

/** Live calls are few: those that are asked for are picked out of all. */
async function liveCalls(sql: Sql, app: string, query: CallQuery): Promise<Page> {
  const { after, limit, groups } = query
  // Who goes by no name has no calls.
  if (groups.some((group) => group.length === 0)) return { calls: [], next: null }
  const rows = await sql.query<Row>(liveByNumber, app, maxLive)
  const matching = rows
    .flatMap((row) => placeOf(row, query) ?? [])
    .filter(({ place }) => after === null || isBelow(place, after))
    .toSorted((one, other) => (isBelow(one.place, other.place) ? 1 : -1))
  const calls = matching
    .slice(0, limit)
    .map(({ place, row, state }) => ({ place, record: recordOf(state, row.id) }))
  return { calls, next: matching.length > limit ? calls.at(-1)!.place : null }
}

/** Where a call is among those that are asked for, by the lists it is in; null if it is not. */
function placeOf(row: Row, { from, to, provider, direction, groups }: CallQuery) {
  const state = stateOf(row)
  const entries = entriesOf({ state, firstSeq: row.first_seq })
  const { kind, started_at: startedAt } = entries[0]!
  const isIn = (name: string): boolean => entries.some((entry) => entry.list === name)
  const wanted =
    (from === null || startedAt >= from) &&
    (to === null || startedAt < to) &&
    isWanted(kind, { provider, direction }) &&
    groups.every((group) =>
      group.some(
        (one) => isIn(one.list) && isWanted(kind, { provider: one.provider, direction: null }),
      ),
    )
  return wanted ? { row, state, place: { startedAt, firstSeq: row.first_seq } } : null
}

function stateOf({ state }: Row): CallState {
  return JSON.parse(state) as CallState
}
