import { Leaf, placeOf, type Piece, type Row } from './leaf.ts'
import { everyCall, kindOf } from './lists.ts'
import { Meeting } from './meeting.ts'
import { isBelow, latest, type Source } from './source.ts'
import { Union } from './union.ts'
import type { Sql } from '../../database/index.ts'
import type { CallQuery, Group, Place } from './contract.ts'

/** Groups of a question that are looked at: a user has few numbers and names. */
export const maxGroups = 50
/** Entries that one question may look at; whoever wants more goes on where it stopped. */
const maxEntries = 4_000
/** Entries of several groups that are read at once: who looks for what they have in common jumps. */
const jump = 16
/** Two directions and none of ten providers. */
const maxKinds = 64

/** A list that is shorter is read at once: that costs less than to ask for its kinds, and for each of them. */
const maxShort = 32

export const shortList = `select kind, started_at, first_seq from call_lists
  where app = $1 and list = $2 limit $3`

/** The kinds of calls there are in a list, found by stepping from one to the next. */
export const kindsOfList = `with recursive kinds (kind, place) as (
    select (select min(kind) from call_lists where app = $1 and list = $2), 1
    union all
    select (select min(call_lists.kind) from call_lists
      where app = $1 and list = $2 and call_lists.kind > kinds.kind), place + 1
    from kinds where kinds.kind is not null and place < $3)
  select kind from kinds where kind is not null`

/** The places of calls that are in one list, at least, of each of some groups; newest first. */
export class Walk {
  /** Everything down to here was looked at. */
  at: Place
  /** Nothing is left. */
  done = false
  readonly #source: Source

  private constructor(source: Source, at: Place) {
    this.#source = source
    this.at = at
  }

  static async begin(sql: Sql, app: string, query: CallQuery): Promise<Walk> {
    const groups = boundedGroups(query)
    const found = groups.map(async (group) => {
      const pieces = await Promise.all(group.map((one) => piecesOf(sql, { app, query, one })))
      return Map.groupBy(pieces.flat(), ({ kind }) => kind)
    })
    return new Walk(sourceOf(sql, await Promise.all(found), query.limit), startOf(query))
  }

  /** The next place; null if there is none, or enough was looked at: `done` tells. */
  async next(): Promise<Place | null> {
    const mark = await this.#source.next(this.at)
    this.done = mark === null
    if (mark) this.at = { startedAt: mark.startedAt, firstSeq: mark.firstSeq }
    return mark === null || mark.stopped ? null : this.at
  }
}

type Pieces = ReadonlyMap<string, readonly Piece[]>

/** A call is of one kind in all its lists, so groups meet kind by kind. */
function sourceOf(sql: Sql, groups: readonly Pieces[], limit: number): Source {
  const budget = { left: maxEntries }
  const kinds = [...groups[0]!.keys()].filter((kind) => groups.every((pieces) => pieces.has(kind)))
  const wanted = (groups.length > 1 ? jump : limit + 1) / kinds.length
  const meetings = kinds.map((kind) => {
    const unions = groups.map((pieces) => {
      const some = pieces.get(kind)!
      // Of many pieces each gives a little.
      const chunk = Math.max(2, Math.ceil(wanted / some.length))
      const leaves = some.map((piece) => new Leaf(piece, { sql, budget, chunk }))
      return new Union(leaves, budget)
    })
    return new Meeting(unions, budget)
  })
  return new Union(meetings, budget)
}

function boundedGroups({ groups }: CallQuery): readonly (readonly Group[])[] {
  if (groups.length === 0) return [[{ list: everyCall, provider: null }]]
  return groups.map((group) => group.slice(0, maxGroups))
}

function startOf({ after, to }: CallQuery): Place {
  const before = to === null ? latest : { startedAt: to, firstSeq: 0 }
  return after && isBelow(after, before) ? after : before
}

interface Asked {
  readonly app: string
  readonly query: CallQuery
  readonly one: Group
}

/** The pieces of a list that are asked for: by the kinds there are, unless the question names the only one. */
async function piecesOf(sql: Sql, { app, query, one }: Asked): Promise<Piece[]> {
  const { list } = one
  const { provider, direction } = query
  const from = query.from ?? ''
  if (provider !== null && one.provider !== null && provider !== one.provider) return []
  const wanted = { provider: provider ?? one.provider, direction }
  if (wanted.provider !== null && direction !== null) {
    return [{ app, list, kind: kindOf(wanted.provider, direction), from }]
  }
  const short = list === everyCall ? null : await shortPieces(sql, { app, list, from })
  const pieces = short ?? (await kindsOf(sql, app, list)).map((kind) => ({ app, list, kind, from }))
  return pieces.filter(({ kind }) => isWanted(kind, wanted))
}

/** All of a list, if it is short; null if not. */
async function shortPieces(sql: Sql, whole: Omit<Piece, 'kind'>): Promise<Piece[] | null> {
  const { app, list, from } = whole
  const entries = await sql.query<{ kind: string } & Row>(shortList, app, list, maxShort)
  if (entries.length === maxShort) return null
  const byKind = Map.groupBy(entries, ({ kind }) => kind)
  return [...byKind].map(([kind, some]) => {
    const rows = some.map(placeOf).filter(({ startedAt }) => startedAt >= from)
    return { ...whole, kind, rows: rows.toSorted((one, other) => (isBelow(one, other) ? 1 : -1)) }
  })
}

async function kindsOf(sql: Sql, app: string, list: string): Promise<string[]> {
  const rows = await sql.query<{ kind: string }>(kindsOfList, app, list, maxKinds)
  return rows.map(({ kind }) => kind)
}

/** Whether calls of a kind may be among those that are asked for. */
export function isWanted(
  kind: string,
  { provider, direction }: { provider: string | null; direction: string | null },
): boolean {
  const [of, way] = kind.split(' ')
  return (provider === null || provider === of) && (direction === null || direction === way)
}
