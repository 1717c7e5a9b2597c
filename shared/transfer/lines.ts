import { TransferError } from './errors.ts'

/** Longer than a line with the largest delivery that anybody lets a suite accept. */
const longestLine = 256 * 1024 * 1024
const newline = 10

/**
 * Takes a file apart into lines with their newlines, holding one of them at a time.
 * @throws TransferError if it ends within one
 */
export async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let length = 0
  for await (const chunk of source) {
    let start = 0
    for (let end = afterNewline(chunk, start); end > 0; end = afterNewline(chunk, start)) {
      yield Buffer.concat([...parts, chunk.subarray(start, end)])
      start = end
      parts = []
      length = 0
    }
    parts.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > longestLine) throw new TransferError('it has a line that no export has: too long')
  }
  if (length > 0) throw new TransferError('it ends within a line: it was cut off')
}

/** Zero if there is none. */
function afterNewline(chunk: Buffer, start: number): number {
  return chunk.indexOf(newline, start) + 1
}
