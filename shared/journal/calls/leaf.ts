import { isBelow, type Budget, type Source } from './source.ts'
import type { Sql } from '../../database/index.ts'
import type { Place } from './contract.ts'

/** Entries that are read at once: few for who jumps, more and more for who goes on. */
const maxChunk = 512
/** What it costs to begin to read, in entries. */
const perRead = 8

/** What a leaf reads: the calls of a kind in a list. */
export interface Piece {
  readonly app: string
  readonly list: string
  readonly kind: string
  /** Not of calls that began before. */
  readonly from: string
  /** All there is of it, newest first, where somebody has read that already. */
  readonly rows?: readonly Place[]
}

/** An entry as the store has it. */
export interface Row {
  readonly started_at: string
  readonly first_seq: number
}

interface Reading {
  readonly sql: Sql
  readonly budget: Budget
  /** How many entries to begin with. */
  readonly chunk: number
}

export const entriesBelow = `select started_at, first_seq from call_lists
  where app = $1 and list = $2 and kind = $3
  and (started_at, first_seq) < ($4, $5) and started_at >= $6
  order by started_at desc, first_seq desc limit $7`

/** A piece of a list, read where it is asked for. */
export class Leaf implements Source {
  readonly #piece: Piece
  readonly #reading: Reading
  #chunk: number
  /** Null before the first reading, which costs nothing: who asks has counted the leaves. */
  #rows: readonly Place[] | null
  #at = 0
  /** Nothing comes after what was read. */
  #ended: boolean

  constructor(piece: Piece, reading: Reading) {
    this.#piece = piece
    this.#reading = reading
    this.#chunk = reading.chunk
    this.#rows = piece.rows ?? null
    this.#ended = piece.rows !== undefined
  }

  async next(below: Place): Promise<Place | null> {
    if (this.#rows === null) return (await this.#read(below))[0] ?? null
    const skipped = this.#skipTo(below, this.#rows)
    const row = this.#rows[this.#at]
    if (row || this.#ended) return row ?? null
    // Who skips much jumps from call to call; who takes what was read goes through them all.
    this.#chunk = skipped > 1 ? this.#reading.chunk : Math.min(maxChunk, this.#chunk * 2)
    const rows = await this.#read(below)
    this.#reading.budget.left -= rows.length + perRead
    return rows[0] ?? null
  }

  #skipTo(below: Place, rows: readonly Place[]): number {
    const before = this.#at
    while (this.#at < rows.length && !isBelow(rows[this.#at]!, below)) this.#at += 1
    return this.#at - before
  }

  async #read({ startedAt, firstSeq }: Place): Promise<readonly Place[]> {
    const { app, list, kind, from } = this.#piece
    const rows = await this.#reading.sql.query<Row>(
      entriesBelow,
      app,
      list,
      kind,
      startedAt,
      firstSeq,
      from,
      this.#chunk,
    )
    this.#ended = rows.length < this.#chunk
    this.#at = 0
    this.#rows = rows.map(placeOf)
    return this.#rows
  }
}

export function placeOf({ started_at: startedAt, first_seq: firstSeq }: Row): Place {
  return { startedAt, firstSeq }
}
