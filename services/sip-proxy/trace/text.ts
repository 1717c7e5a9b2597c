import { fullName } from '@switchhook/shared/sip'

/** A header as it was written, its folds undone. */
export interface Header {
  readonly written: string
  /** In full and in lower case: `call-id` for `i`. */
  readonly name: string
  readonly value: string
}

/** A message as text. */
export interface SipText {
  readonly startLine: string
  readonly headers: readonly Header[]
  readonly body: Buffer
}

/**
 * Reads whatever passes as SIP. A trace is there to show what is wrong with a message, so nothing is refused here, and
 * whatever some server may take for a line is one: what hides in it has to be found before it is written down.
 */
export function readText(message: Buffer): SipText {
  const { head, body } = partsOf(message)
  const [startLine = '', ...rows] = unfolded(head.toString())
  return { startLine, headers: rows.map(headerIn), body }
}

/** The first value of a header, or nothing. */
export function valueOf({ headers }: SipText, name: string): string {
  return headers.find((header) => header.name === name)?.value ?? ''
}

/** Two ends of a line, each as anybody may write it. */
const emptyLine = /(?:\r\n|\n|\r(?!\n)){2}/

function partsOf(message: Buffer): { head: Buffer; body: Buffer } {
  // An octet a character: places in the text are places in the message.
  const end = emptyLine.exec(message.toString('latin1'))
  if (!end) return { head: message, body: Buffer.alloc(0) }
  const behind = end.index + end[0].length
  return { head: message.subarray(0, end.index), body: message.subarray(behind) }
}

function unfolded(head: string): string[] {
  const rows: string[] = []
  for (const line of head.split(/\r\n|\n|\r/)) {
    // A line that begins with a blank goes on with the one before (RFC 3261 §7.3.1).
    if (rows.length > 0 && /^[ \t]/.test(line)) rows.push(`${rows.pop()} ${line.trim()}`)
    else rows.push(line)
  }
  return rows
}

function headerIn(row: string): Header {
  const colon = row.indexOf(':')
  if (colon < 0) return { written: row, name: '', value: '' }
  const written = row.slice(0, colon).trim()
  return { written, name: fullName(written), value: row.slice(colon + 1).trim() }
}
