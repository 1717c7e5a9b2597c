import type { Message } from './message.ts'
import type { Span } from './octets.ts'

/** A span of a message, and what stands there instead. */
export interface Patch extends Span {
  readonly text: string
}

/** Puts another text, an octet a character, in place of a span. @throws Error if it would end a line */
export function replaced({ start, end }: Span, text: string): Patch {
  return { start, end, text: inLine(text) }
}

/** Puts a header before a row, or behind the last one. @throws Error if it would end a line */
export function inserted(
  message: Message,
  before: number,
  { name, value }: { readonly name: string; readonly value: string },
): Patch {
  const start = before < message.rowCount ? message.row(before).whole.start : message.headersEnd
  return { start, end: start, text: `${inLine(name)}: ${inLine(value)}\r\n` }
}

/** Takes a row away. */
export function deleted(message: Message, row: number): Patch {
  return { ...message.row(row).whole, text: '' }
}

/**
 * The message with its patches; everything between them is the octets that came. Of patches at one place the first of
 * the list stands first. @throws Error if two of them overlap
 */
export function write({ octets }: Message, patches: readonly Patch[]): Buffer {
  const parts: Buffer[] = []
  let place = 0
  for (const { start, end, text } of patches.toSorted((one, two) => one.start - two.start)) {
    if (start < place) throw new Error('two patches of a message overlap')
    parts.push(octets.subarray(place, start), Buffer.from(text, 'latin1'))
    place = end
  }
  return Buffer.concat([...parts, octets.subarray(place)])
}

/** Whoever writes a line end into a value writes a header of their own. */
function inLine(text: string): string {
  if (/[\0\r\n]/.test(text)) throw new Error('a line end in what is written into a message')
  return text
}
