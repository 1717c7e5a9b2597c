import { createHash } from 'node:crypto'
import { TransferError } from './errors.ts'
import { fieldOf, format, valueOf, type Header, type Trailer } from './format.ts'
import { tableNamed, tables } from './tables.ts'
import type { Moved } from './contract.ts'
import type { Identity, Row } from './sql.ts'
import type { Value } from '../database/index.ts'

/** What the store that is imported into looks like. */
interface Target {
  readonly migration: Identity['migration']
  /** Of every table. */
  readonly columns: Readonly<Record<string, readonly string[]>>
}

/** An export that is read line by line: nothing of it is believed before `end`. */
export class Reading {
  readonly #target: Target
  readonly #hash = createHash('sha256')
  readonly #rows: Record<string, number> = Object.fromEntries(tables.map(({ name }) => [name, 0]))
  #lines = 0
  #header: Header | undefined
  #trailer: Trailer | undefined

  constructor(target: Target) {
    this.#target = target
  }

  /**
   * Takes the next line. @returns its row, if it has one
   * @throws TransferError if no export of this version has such a line
   */
  take(line: Buffer): { table: string; row: Row } | undefined {
    this.#lines += 1
    const given = parsed(line)
    if (this.#trailer) throw this.#wrong('follows the end: is it more than one export?')
    if (!this.#header) this.#header = headerOf(given, this.#target.migration)
    else if (fieldOf(given, 'sha256') !== undefined) {
      this.#trailer = given as Trailer
      return undefined
    } else return this.#row(line, given)
    this.#hash.update(line)
    return undefined
  }

  /** @throws TransferError if what was read is not what was written */
  end(): Moved {
    if (!this.#header || !this.#trailer) {
      throw new TransferError('it has no last line: it was cut off')
    }
    const { epoch, migration } = this.#header
    const { rows, sha256 } = this.#trailer
    const complete = tables.every(({ name }) => fieldOf(rows, name) === this.#rows[name])
    if (sha256 !== this.#hash.digest('hex') || !complete) {
      throw new TransferError('it was changed after it was written: its checksum is another one')
    }
    return { epoch, migration, rows: this.#rows, sha256 }
  }

  #row(line: Buffer, given: unknown): { table: string; row: Row } {
    const name = tableNamed(fieldOf(given, 'table'))?.name
    if (name === undefined) throw this.#wrong('is no row of a table')
    this.#hash.update(line)
    this.#rows[name]! += 1
    return { table: name, row: this.#rowOf(name, fieldOf(given, 'row')) }
  }

  /** The columns are the store's: a name of the file's never becomes part of a statement. */
  #rowOf(table: string, given: unknown): Row {
    const columns = this.#target.columns[table]!
    const entries = columns.map((column): [string, Value] => {
      const value = valueOf(fieldOf(given, column))
      if (value === undefined) throw this.#wrong(`has no ${column}, as ${table} have`)
      return [column, value]
    })
    const count = Object.keys(given as object).length
    if (count !== columns.length) throw this.#wrong(`has columns that ${table} do not have`)
    return Object.fromEntries(entries)
  }

  #wrong(what: string): TransferError {
    return new TransferError(`line ${this.#lines} ${what}`)
  }
}

/** Undefined for what is no JSON. */
function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString())
  } catch {
    return undefined
  }
}

function headerOf(given: unknown, ours: Identity['migration']): Header {
  const written = fieldOf(given, 'format')
  const schema = fieldOf(fieldOf(given, 'migration'), 'id')
  if (fieldOf(given, 'switchhook') !== 'export' || typeof written !== 'number') {
    throw new TransferError('it is no export of Switchhook')
  }
  if (written !== format || typeof schema !== 'number' || schema > ours.id) {
    throw new TransferError(
      `a newer version of Switchhook wrote it (format ${written}, migration ${String(schema)}; this one has ` +
        `format ${format}, migration ${ours.id}): import it with that version`,
    )
  }
  if (schema < ours.id) {
    throw new TransferError(
      `an older version of Switchhook wrote it (migration ${schema}, this one has ${ours.id}): import it with that ` +
        'version, the store is then brought up to date by this one',
    )
  }
  return given as Header
}
