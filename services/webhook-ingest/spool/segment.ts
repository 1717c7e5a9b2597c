import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { nextFrame } from './record.ts'

const version = Buffer.from('SHSPOOL1')
/** Version, where what is not drained begins, checksum of that; the rest is spare. One sector: it is written whole. */
export const headerBytes = 64
const zeros = Buffer.alloc(1_048_576)

/** What was found in the undrained part of a segment. */
export interface Survey {
  readonly records: number
  /** The payload of the first record. */
  readonly first: Buffer | null
  /** Octets behind the last record that are no zeros: an unfinished write, or damage. */
  readonly rest: number
}

/**
 * A file of the log. All its octets are written, as zeros, and on disk before it is used: records that fit into it
 * are written also when the disk is full.
 */
export class Segment {
  readonly number: number
  readonly size: number
  /** Where the first record that is not drained begins. */
  head = headerBytes
  /** Where the next record goes. */
  tail = headerBytes
  /** After a failed write nobody knows what is on disk behind the tail: it takes no more. */
  retired = false
  readonly #path: string
  readonly #file: FileHandle

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path
    this.#file = file
    this.size = size
    this.number = Number.parseInt(basename(path), 10)
  }

  /** @throws if the disk has not so much room */
  static async create(dir: string, number: number, size: number): Promise<Segment> {
    const path = join(dir, `${String(number).padStart(10, '0')}.spool`)
    const unfinished = `${path}.new`
    const file = await open(unfinished, 'w+', 0o600)
    try {
      const segment = new Segment(path, file, size)
      await segment.#erase(0, size)
      await segment.#writeHeader()
      await file.sync()
      await rename(unfinished, path)
      await syncDirectory(dir)
      return segment
    } catch (error) {
      await file.close()
      await rm(unfinished, { force: true })
      throw error
    }
  }

  /** @throws if another version of Switchhook wrote it */
  static async open(path: string): Promise<Segment> {
    const file = await open(path, 'r+')
    try {
      const { size } = await file.stat()
      const segment = new Segment(path, file, Math.max(size, headerBytes))
      await segment.#readHeader()
      return segment
    } catch (error) {
      await file.close()
      throw error
    }
  }

  get empty(): boolean {
    return this.head === this.tail
  }

  get room(): number {
    return this.retired ? 0 : this.size - this.tail
  }

  /** Looks at everything that is not drained, and finds the tail. */
  async survey(): Promise<Survey> {
    const content = await this.read(this.head, this.size)
    let [records, end] = [0, 0]
    let first: Buffer | null = null
    for (let frame = nextFrame(content, 0); frame; frame = nextFrame(content, end)) {
      first ??= Buffer.from(frame.payload)
      records += 1
      end = frame.end
    }
    this.tail = this.head + end
    return { records, first, rest: lengthWithoutZeros(content.subarray(end)) }
  }

  /** On disk when it resolves. After a failure the segment is retired. */
  async write(records: Buffer): Promise<void> {
    try {
      await this.#writeAt(records, this.tail)
      await this.#file.datasync()
      this.tail += records.length
    } catch (error) {
      this.retired = true
      await this.#erase(this.tail, this.tail + records.length).catch(() => {})
      throw error
    }
  }

  async read(from: number, to: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(to - from)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, length, undefined, from + length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return buffer.subarray(0, length)
  }

  /** Remembers durably that everything before `head` is drained. */
  async drainTo(head: number): Promise<void> {
    this.head = head
    await this.#writeHeader()
    await this.#file.datasync()
  }

  /** Makes a drained segment as good as new, without asking the disk for room. After a failure it is retired. */
  async clear(): Promise<void> {
    try {
      await this.drainTo(this.tail)
      await this.#erase(headerBytes, this.tail)
      // Before the header says that the records begin at the front, the old ones must be gone for good.
      await this.#file.datasync()
      this.head = headerBytes
      await this.#writeHeader()
      this.tail = headerBytes
    } catch (error) {
      // Its header may still say that everything in it is drained.
      this.retired = true
      this.head = this.tail
      throw error
    }
  }

  /** Overwrites what an unfinished write left behind the tail. */
  async cut(length: number): Promise<void> {
    await this.#erase(this.tail, this.tail + length)
    await this.#file.datasync()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async remove(): Promise<void> {
    await this.close()
    await rm(this.#path, { force: true })
  }

  async #readHeader(): Promise<void> {
    const header = await this.read(0, headerBytes)
    const written = header.subarray(0, version.length)
    const known = version.subarray(0, -1)
    if (written.subarray(0, -1).equals(known) && !written.equals(version)) {
      throw new Error(`${this.#path} was written by another version of Switchhook: run that one`)
    }
    // A damaged header costs nothing: what was drained is drained again, and the journal knows it.
    if (header.length < headerBytes || !written.equals(version)) return
    if (header.readUInt32BE(12) !== crc32(header.subarray(8, 12))) return
    const head = header.readUInt32BE(8)
    if (head >= headerBytes && head <= this.size) this.head = this.tail = head
  }

  async #writeHeader(): Promise<void> {
    const header = Buffer.alloc(headerBytes)
    version.copy(header)
    header.writeUInt32BE(this.head, 8)
    header.writeUInt32BE(crc32(header.subarray(8, 12)), 12)
    await this.#writeAt(header, 0)
  }

  async #erase(from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += zeros.length) {
      await this.#writeAt(zeros.subarray(0, Math.min(zeros.length, to - at)), at)
    }
  }

  async #writeAt(buffer: Buffer, position: number): Promise<void> {
    let written = 0
    while (written < buffer.length) {
      const rest = buffer.length - written
      written += (await this.#file.write(buffer, written, rest, position + written)).bytesWritten
    }
  }
}

/** The segments in a directory, oldest first; what a crash left of an unfinished one goes. */
export async function openSegments(dir: string): Promise<Segment[]> {
  const names = await readdir(dir)
  for (const name of names.filter((one) => one.endsWith('.spool.new'))) await rm(join(dir, name))
  const segments: Segment[] = []
  try {
    for (const name of names.filter((one) => /^\d{10}\.spool$/.test(one)).sort()) {
      segments.push(await Segment.open(join(dir, name)))
    }
    return segments
  } catch (error) {
    for (const segment of segments) await segment.close()
    throw error
  }
}

/** Makes new names in a directory survive a power cut. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function lengthWithoutZeros(buffer: Buffer): number {
  let length = buffer.length
  while (length > 0 && buffer[length - 1] === 0) length -= 1
  return length
}
