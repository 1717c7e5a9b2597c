import { keysOf, type CallState } from '../../projections/index.ts'
import type { Sql } from '../../database/index.ts'
import type { Agent } from '../../events/index.ts'
import type { KnownCall } from '../book.ts'
import type { Numbered } from '../numbering.ts'

/** A call's place in a list; in any list calls lie in the order in which they began. */
export interface Entry {
  readonly list: string
  /** See `kindOf`. */
  readonly kind: string
  /** When the call began, RFC 3339. */
  readonly started_at: string
  readonly first_seq: number
}

type Known = Pick<KnownCall, 'state' | 'firstSeq'>

/** A call before and after; undefined where there is none. */
export type Change = readonly [before: Known | undefined, after: Known | undefined]

/** What changes in the lists. Most events change nothing there. */
export interface Moves {
  readonly entered: readonly Row[]
  readonly left: readonly Row[]
}

type Row = Entry & Readonly<Record<string, string | number>> & { readonly app: string }

/** The list of all calls. */
export const everyCall = ''

/** An agent, as its provider names it. */
export function listOfAgent(name: string): string {
  return `a:${canonical(name)}`
}

/** A number, an address, or the user of an address. */
export function listOfAddress(address: string): string {
  return `n:${canonical(address)}`
}

/** Calls of a kind lie together in each list: there are few kinds, and a question leaves most of them out. */
export function kindOf(provider: string, direction: string | null): string {
  return `${provider} ${direction ?? ''}`
}

/** The lists a call is in. */
export function entriesOf({ state, firstSeq: first_seq }: Known): Entry[] {
  const { provider, direction, from, to, agent, started_at } = keysOf(state)
  const kind = kindOf(provider, direction)
  const lists = new Set([
    everyCall,
    ...[from, to].flatMap(wordsOf).map(listOfAddress),
    ...wordsOfAgent(agent).map(listOfAgent),
  ])
  return [...lists].filter(isName).map((list) => ({ list, kind, started_at, first_seq }))
}

/** `sip:1001@pbx.example;transport=ws` → itself, its user with the domain, and without. */
export function wordsOf(address: string | null): string[] {
  if (address === null) return []
  const match = /^(?:sips?:)?([^@;?>\s]+)(?:@([^;?>\s]+))?/i.exec(address)
  if (!match) return [address]
  const [, user, host] = match
  return host === undefined ? [address, user!] : [address, `${user}@${host}`, user!]
}

/** What a batch changes in the lists. */
export function movesOf({ app, book }: Numbered): Moves {
  const changes = [...book.calls].map(([id, call]): Change => [book.before(id), call])
  const gone = [...book.gone.keys()].map((id): Change => [book.before(id), undefined])
  return movesBetween(app, [...changes, ...gone])
}

/** What changes in the lists when calls change. */
export function movesBetween(app: string, changes: readonly Change[]): Moves {
  const moves = { entered: [] as Row[], left: [] as Row[] }
  for (const [before, after] of changes) {
    const [old, now] = [before, after].map((call) => (call ? entriesOf(call) : []))
    moves.left.push(...without(old!, now!).map((entry) => ({ app, ...entry })))
    moves.entered.push(...without(now!, old!).map((entry) => ({ app, ...entry })))
  }
  return moves
}

/** Writes it; the transaction waits for it. */
export function writeMoves(sql: Sql, { entered, left }: Moves): void {
  for (const { app, list, kind, started_at, first_seq } of left) {
    void sql.query(leave, app, list, kind, started_at, first_seq)
  }
  if (entered.length > 0) {
    void sql.insert({ into: 'call_lists', rows: entered, conflict: 'ignore' })
  }
}

const leave = `delete from call_lists
  where app = $1 and list = $2 and kind = $3 and started_at = $4 and first_seq = $5`

function without(some: readonly Entry[], others: readonly Entry[]): Entry[] {
  return some.filter((one) => !others.some((other) => same(one, other)))
}

function same(one: Entry, other: Entry): boolean {
  return (
    one.list === other.list &&
    one.started_at === other.started_at &&
    one.kind === other.kind &&
    one.first_seq === other.first_seq
  )
}

function wordsOfAgent(agent: Agent | null): string[] {
  return [agent?.id, agent?.email].filter((name) => name !== null && name !== undefined)
}

/** Takes calls that are no more out of their lists. */
export function leaveLists(
  sql: Sql,
  app: string,
  calls: readonly { readonly state: string; readonly first_seq: number }[],
): void {
  const changes = calls.map(({ state, first_seq: firstSeq }): Change => {
    return [{ state: JSON.parse(state) as CallState, firstSeq }, undefined]
  })
  writeMoves(sql, movesBetween(app, changes))
}

/** What a provider says may be anything; engines take neither long keys nor every character. */
function isName(list: string): boolean {
  return list.length <= maxLength && list.isWellFormed() && !/\p{Cc}/u.test(list)
}

const maxLength = 256

/** As mappings have it: e-mail addresses and SIP hosts are written in any case. */
function canonical(text: string): string {
  return text.includes('@') ? text.toLowerCase() : text
}
