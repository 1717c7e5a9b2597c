import {
  numberIn,
  shownOf,
  skipBlanks,
  skipClass,
  star,
  textOf,
  tokens,
  type Span,
} from './octets.ts'
import { headerAt, idOf, unknown, type HeaderName } from './header-names.ts'
import { isMalformed, malformed, type Parsed } from './malformed.ts'
import { paramOf, splitList, type Param } from './lists.ts'
import { parseAddress, type Address } from './parse-address.ts'
import { parseVia, type Via } from './parse-via.ts'

export interface RequestLine {
  /** As it is written: methods are case-sensitive (RFC 3261 §7.1). */
  readonly method: string
  readonly requestUri: Span
}

export interface StatusLine {
  /** 100 to 699. */
  readonly status: number
  readonly phrase: Span
}

export type StartLine = RequestLine | StatusLine

/** A header row. */
export interface Row {
  readonly name: Span
  /** Without blanks around it, folds included. */
  readonly value: Span
  /** All of it, to the end of its last line. */
  readonly whole: Span
}

export interface Cseq {
  readonly number: number
  readonly method: string
}

/** Numbers of a row in the list of rows: header, where its name begins and ends, where its value does. */
export const rowWidth = 5

interface Parts {
  readonly octets: Buffer
  readonly start: StartLine
  readonly rows: Int32Array
  /** Where the empty line is. */
  readonly headersEnd: number
}

const maxCseq = 2 ** 31 - 1
const maxDelta = 2 ** 32 - 1

/**
 * A SIP message as the octets it came in. What a header says is read when it is asked for; what cannot be read is a
 * `Malformed`. It is as valid as its octets are: who keeps it must own them.
 */
export class Message {
  readonly octets: Buffer
  readonly start: StartLine
  /** Where the empty line behind the headers is. */
  readonly headersEnd: number
  readonly #rows: Int32Array

  constructor({ octets, start, rows, headersEnd }: Parts) {
    this.octets = octets
    this.start = start
    this.headersEnd = headersEnd
    this.#rows = rows
  }

  /** Null: it is a response. */
  get method(): string | null {
    return 'method' in this.start ? this.start.method : null
  }

  /** Null: it is a response. */
  get requestUri(): Span | null {
    return 'method' in this.start ? this.start.requestUri : null
  }

  /** Null: it is a request. */
  get status(): number | null {
    return 'status' in this.start ? this.start.status : null
  }

  get rowCount(): number {
    return this.#rows.length / rowWidth
  }

  row(index: number): Row {
    const place = index * rowWidth
    const next = this.#rows[place + rowWidth + 1] ?? this.headersEnd
    return {
      name: { start: this.#rows[place + 1]!, end: this.#rows[place + 2]! },
      value: this.#valueOf(index),
      whole: { start: this.#rows[place + 1]!, end: next },
    }
  }

  /** The rows of a header, from the top, by their indexes. */
  rowsOf(name: HeaderName): number[] {
    const indexes: number[] = []
    const id = idOf[name]
    for (let row = this.#next(id, 0); row >= 0; row = this.#next(id, row + 1)) indexes.push(row)
    return indexes
  }

  /** The values of any header, whichever way its name is spelt. */
  valuesNamed(name: string): Span[] {
    const spelt = Buffer.from(name.toLowerCase(), 'latin1')
    const id = spelt.length === 0 ? unknown : headerAt(spelt, { start: 0, end: spelt.length })
    const rows = Array.from({ length: this.rowCount }, (_, index) => index)
    const meant = (index: number): boolean =>
      id === unknown
        ? this.text(this.row(index).name).toLowerCase() === name.toLowerCase()
        : this.#rows[index * rowWidth] === id
    return rows.filter(meant).map((index) => this.row(index).value)
  }

  /** The value of a header that stands once; null if there is none. */
  single(name: HeaderName): Parsed<Span | null> {
    const id = idOf[name]
    const first = this.#next(id, 0)
    if (first < 0) return null
    const second = this.#next(id, first + 1)
    if (second < 0) return this.#valueOf(first)
    return malformed(this.row(second).name.start, `two ${name} headers`)
  }

  /** Octets as characters of Latin-1, without line ends: for what is compared. */
  text(span: Span): string {
    return textOf(this.octets, span)
  }

  /** UTF-8, without line ends: for what people read. */
  shown(span: Span): string {
    return shownOf(this.octets, span)
  }

  /** A parameter of an address or a Via, its name in lower case: '' if it has no value, null if there is none. */
  param({ params }: { readonly params: readonly Param[] }, name: string): string | null {
    return paramOf(this.octets, params, name)
  }

  get callId(): Parsed<string> {
    const value = this.#required('call-id')
    if (isMalformed(value)) return value
    const text = this.text(value)
    return /^[^ \t]+$/.test(text) ? text : malformed(value.start, 'a Call-ID that is no word')
  }

  get cseq(): Parsed<Cseq> {
    const value = this.#required('cseq')
    if (isMalformed(value)) return value
    const digits = { start: value.start, end: skipClass(this.octets, value, tokens) }
    const number = numberIn(this.octets, digits, maxCseq)
    if (number === null) return malformed(value.start, 'a CSeq without a number below 2^31')
    const start = skipBlanks(this.octets, { start: digits.end, end: value.end })
    const end = skipClass(this.octets, { start, end: value.end }, tokens)
    if (start === end || end < value.end) return malformed(start, 'a CSeq without a method')
    return { number, method: this.text({ start, end }) }
  }

  get from(): Parsed<Address> {
    return this.#address('from')
  }

  get to(): Parsed<Address> {
    return this.#address('to')
  }

  /** All of them, from the top. */
  get vias(): Parsed<Via[]> {
    return this.list('via', parseVia)
  }

  /** The one of whoever sent it last; the others are not read. */
  get topVia(): Parsed<Via> {
    const [first] = this.rowsOf('via')
    if (first === undefined) return malformed(this.headersEnd, 'no via header')
    const elements = splitList(this.octets, this.#valueOf(first))
    return isMalformed(elements) ? elements : parseVia(this.octets, elements[0]!)
  }

  /** All of them, from the top; `*` if that is what it says (RFC 3261 §10.2.2). */
  get contacts(): Parsed<Address[] | '*'> {
    const rows = this.rowsOf('contact')
    const isStar = rows.some((index) => this.#isStar(this.#valueOf(index)))
    if (!isStar) return this.list('contact', parseAddress)
    return rows.length === 1 ? '*' : malformed(this.headersEnd, 'a Contact * that is not alone')
  }

  /** Seconds, at most 2^32 - 1; null if there is none, or it says nothing that can be read (RFC 3261 §10.2.1.1). */
  get expires(): number | null {
    const value = this.single('expires')
    if (value === null || isMalformed(value)) return null
    return secondsIn(this.text(value))
  }

  /** As people read it; null if there is none. */
  get userAgent(): string | null {
    const [first] = this.rowsOf('user-agent')
    return first === undefined ? null : this.shown(this.#valueOf(first))
  }

  /** Octets; null if it does not say. */
  get contentLength(): Parsed<number | null> {
    return this.#number('content-length', maxDelta)
  }

  get maxForwards(): Parsed<number | null> {
    return this.#number('max-forwards', 255)
  }

  /** What follows the headers, without what Content-Length leaves over. */
  get body(): Buffer {
    const length = this.contentLength
    const start = this.headersEnd + 2
    const end = typeof length === 'number' ? start + length : this.octets.length
    return this.octets.subarray(start, end)
  }

  /** The elements of a header that is a list, over all its rows (RFC 3261 §7.3.1). */
  list<T>(name: HeaderName, parse: (octets: Buffer, span: Span) => Parsed<T>): Parsed<T[]> {
    const all: T[] = []
    for (const index of this.rowsOf(name)) {
      const elements = splitList(this.octets, this.#valueOf(index))
      if (isMalformed(elements)) return elements
      for (const element of elements) {
        const one = parse(this.octets, element)
        if (isMalformed(one)) return one
        all.push(one)
      }
    }
    return all
  }

  /** The first row of a header from an index on; -1: there is none. */
  #next(id: number, from: number): number {
    for (let place = from * rowWidth; place < this.#rows.length; place += rowWidth) {
      if (this.#rows[place] === id) return place / rowWidth
    }
    return -1
  }

  #valueOf(row: number): Span {
    const place = row * rowWidth
    return { start: this.#rows[place + 3]!, end: this.#rows[place + 4]! }
  }

  #address(name: 'from' | 'to'): Parsed<Address> {
    const value = this.#required(name)
    return isMalformed(value) ? value : parseAddress(this.octets, value)
  }

  #number(name: 'content-length' | 'max-forwards', max: number): Parsed<number | null> {
    const value = this.single(name)
    if (value === null || isMalformed(value)) return value
    return numberIn(this.octets, value, max) ?? malformed(value.start, `a ${name} that is none`)
  }

  #required(name: HeaderName): Parsed<Span> {
    return this.single(name) ?? malformed(this.headersEnd, `no ${name} header`)
  }

  #isStar({ start, end }: Span): boolean {
    return end - start === 1 && this.octets[start] === star
  }
}

/** Seconds of an Expires header or an `expires` parameter; more than 2^32 - 1 are as many (RFC 3261 §20.19). */
export function secondsIn(text: string): number | null {
  return /^\d+$/.test(text) ? Math.min(Number(text), maxDelta) : null
}
