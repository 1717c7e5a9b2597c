import { chmodSync, closeSync, openSync } from 'node:fs'
import { open, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lockDataDir, makeDirectory } from '@switchhook/shared/data-dir'
import { portionOf, type Portion } from './portion.ts'
import { decode, encode, frameAt, nextFrame, type Spooled } from './record.ts'
import { headerBytes, openSegments, Segment, syncDirectory } from './segment.ts'

export type { Portion } from './portion.ts'
export type { Spooled } from './record.ts'

/** What became of records that were to be kept. */
export interface Kept {
  /** So many of the first are on disk. */
  readonly count: number
  /** Why the others are not. */
  readonly refusal: string | null
}

/** Octets that are no record any more. */
export interface Damage {
  /** `unfinished`: the end of a write that a crash cut off, never acknowledged; it is gone. */
  readonly kind: 'damaged' | 'unfinished'
  readonly bytes: number
  /** Where they are kept; null if they are gone. */
  readonly file: string | null
}

export interface SpoolOptions {
  /** Made when it is not there. */
  readonly dir: string
  /** Bytes of all files of the log. */
  readonly limit: number
  readonly onDamage: (damage: Damage) => void
}

const segmentBytes = { usual: 16_777_216, least: 65_536 }
/** A small spool still goes round: what is drained makes room by whole segments. */
const segmentsAtLeast = 4
/** A full disk is asked again after this long. */
const refusalMs = 1_000

/**
 * Opens the spool of a directory, which this process then owns, with everything that was not drained.
 * @throws if another process owns it, another version wrote it, or it cannot be read
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { dir } = options
  makeDirectory(dir)
  chmodSync(dir, 0o700)
  await syncDirectory(dirname(dir))
  makeLock(join(dir, 'lock'))
  const unlock = lockDataDir(dir)
  try {
    const spool = new Spool(options, unlock)
    await spool.load()
    return spool
  } catch (error) {
    unlock()
    throw error
  }
}

/**
 * The lock's own files take over the mode of this one. One that is there is never opened: to close it again would take
 * away the lock that this very process may hold on it (fcntl(2), record locks).
 */
function makeLock(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * An append-only log of deliveries on disk, oldest out first. Appending and draining may go on at the same time, each
 * by one caller.
 */
export class Spool {
  readonly #dir: string
  readonly #limit: number
  readonly #onDamage: (damage: Damage) => void
  readonly #unlock: () => void
  /** Oldest first; the last one is written to. As many as `limit` allows. */
  #segments: Segment[] = []
  #records = 0
  #oldestAt: string | null = null
  #refusal: { readonly error: unknown; readonly at: number } | null = null
  #closed = false
  #last: Promise<unknown> = Promise.resolve()

  constructor({ dir, limit, onDamage }: SpoolOptions, unlock: () => void) {
    this.#dir = dir
    this.#limit = limit
    this.#onDamage = onDamage
    this.#unlock = unlock
  }

  /** Bytes that wait to be drained. */
  get bytes(): number {
    return this.#segments.reduce((sum, { head, tail }) => sum + tail - head, 0)
  }

  /** Deliveries that wait to be drained. */
  get records(): number {
    return this.#records
  }

  get empty(): boolean {
    return this.#segments.every((segment) => segment.empty)
  }

  /** When the oldest delivery that waits was received; null when none waits. */
  get oldestAt(): string | null {
    return this.#oldestAt
  }

  /** Whether the last look found room. */
  get accepting(): boolean {
    return this.#refusal === null
  }

  /** Reads what is there and makes sure of room; the spool is of use also when there is none. */
  async load(): Promise<void> {
    this.#segments = await openSegments(this.#dir)
    for (const segment of this.#segments) await this.#survey(segment)
    await this.#sweep()
    await this.prepare()
  }

  /** Keeps the records in their order, with one write and one sync per segment; a full spool keeps the first ones. */
  append(records: readonly Spooled[]): Promise<Kept> {
    return this.#alone(async () => {
      let count = 0
      try {
        const frames = records.map(encode)
        while (count < frames.length) {
          const segment = await this.#segmentFor(frames[count]!.length)
          const end = fitting(frames, count, segment.room)
          await segment.write(Buffer.concat(frames.slice(count, end)))
          this.#oldestAt ??= records[count]!.receivedAt
          this.#records += end - count
          count = end
        }
        this.#refusal = null
        return { count, refusal: null }
      } catch (error) {
        return { count, refusal: this.#refuse(error) }
      }
    })
  }

  /** The oldest records, so many at most, undamaged; null when there are none. They stay until they are `drained`. */
  async read(most: number): Promise<Portion | null> {
    for (;;) {
      const segment = this.#segments.find((one) => !one.empty)
      if (!segment) return null
      const portion = await portionOf(segment, most)
      if (portion) {
        this.#oldestAt = portion.records[0]!.receivedAt
        return portion
      }
      await this.#passDamage(segment)
    }
  }

  /** Forgets what is in the journal now. @throws if that cannot be remembered: it would be drained again after a crash */
  drained({ records, segment, end }: Portion): Promise<void> {
    return this.#alone(async () => {
      this.#records = Math.max(0, this.#records - records.length)
      await this.#pass(segment, end)
    })
  }

  /** Keeps a record that the store will never take in a file of its own. */
  async setAside(record: Spooled): Promise<string> {
    return this.#keepAside(`refused-${record.id.replaceAll(/[^\w-]/g, '_')}.bin`, encode(record))
  }

  /** Looks for room; whether there is some, `accepting` says. */
  prepare(): Promise<void> {
    return this.#alone(async () => {
      try {
        await this.#segmentFor(1)
        this.#refusal = null
      } catch (error) {
        this.#refuse(error)
      }
    })
  }

  /** Gives the directory back, with what is in it. */
  close(): Promise<void> {
    return this.#alone(async () => {
      if (this.#closed) return
      this.#closed = true
      for (const segment of this.#segments) await segment.close()
      this.#unlock()
    })
  }

  async #survey(segment: Segment): Promise<void> {
    const { records, first, rest } = await segment.survey()
    this.#records += records
    if (first) this.#oldestAt ??= decode(first)?.receivedAt ?? null
    if (rest === 0) return
    if (segment !== this.#segments.at(-1)) {
      // It was complete when the next one was begun: this is damage, and drains as such.
      segment.tail += rest
      return
    }
    await segment.cut(rest)
    this.#onDamage({ kind: 'unfinished', bytes: rest, file: null })
  }

  /** Writes the octets at the head that are no record to a file, and goes on behind them. */
  async #passDamage(segment: Segment): Promise<void> {
    const { number, head, tail } = segment
    const content = await segment.read(head, tail)
    const whole = frameAt(content, 0)
    const end = whole?.end ?? nextFrame(content, 1)?.start ?? tail - head
    const bytes = content.subarray(0, end)
    const file = await this.#keepAside(`damaged-${number}-${head}.bin`, bytes)
    this.#onDamage({ kind: 'damaged', bytes: bytes.length, file })
    await this.#alone(() => this.#pass(segment, head + end))
  }

  async #keepAside(name: string, bytes: Buffer): Promise<string> {
    const path = join(this.#dir, name)
    const file = await open(path, 'w', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await syncDirectory(this.#dir)
    return path
  }

  async #pass(segment: Segment, end: number): Promise<void> {
    segment.head = end
    try {
      if (segment.empty) await this.#sweep()
      else await segment.drainTo(end)
    } finally {
      if (this.empty) {
        this.#records = 0
        this.#oldestAt = null
      }
    }
  }

  /** Removes what is drained; the last segment stays, as the room that a full disk cannot take away. */
  async #sweep(): Promise<void> {
    const current = this.#segments.at(-1)
    for (const segment of this.#segments.filter((one) => one.empty)) {
      this.#refusal = null
      if (segment === current && !segment.retired) continue
      this.#segments = this.#segments.filter((one) => one !== segment)
      await segment.remove()
    }
    if (!current?.empty || current.retired) return
    if (current.tail > headerBytes) await current.clear()
    if (current.size < this.#usualSize) await this.#replace(current)
  }

  /** A segment that was made while there was little room; a larger one in its place is welcome, not necessary. */
  async #replace(small: Segment): Promise<void> {
    try {
      await this.#begin(this.#usualSize)
    } catch {
      return
    }
    this.#segments = this.#segments.filter((one) => one !== small)
    await small.remove()
  }

  get #usualSize(): number {
    const share = Math.floor(this.#limit / segmentsAtLeast)
    return Math.min(segmentBytes.usual, Math.max(segmentBytes.least, share))
  }

  /** @throws if there is no room for so many bytes */
  async #segmentFor(bytes: number): Promise<Segment> {
    if (this.#closed) throw new Error('the spool is closed')
    const current = this.#segments.at(-1)
    if (current && current.room >= bytes) return current
    const refusal = this.#refusal
    if (refusal && performance.now() - refusal.at < refusalMs) throw refusal.error
    const needed = headerBytes + bytes
    const usual = Math.max(this.#usualSize, needed)
    let failure: unknown
    for (const size of [usual, usual / 4, usual / 16].map(Math.ceil)) {
      if (size < Math.max(needed, segmentBytes.least)) break
      try {
        return await this.#begin(size)
      } catch (error) {
        failure = error
      }
    }
    throw failure ?? new Error('SPOOL_LIMIT is too small for it')
  }

  async #begin(size: number): Promise<Segment> {
    const used = this.#segments.reduce((sum, segment) => sum + segment.size, 0)
    if (used + size > this.#limit) throw new Error('SPOOL_LIMIT is reached')
    const { bavail, bsize } = await statfs(this.#dir)
    // Not to fill a disk for a moment that others write to as well.
    if (bavail * bsize < size) throw new Error('the disk is full')
    const number = (this.#segments.at(-1)?.number ?? 0) + 1
    const segment = await Segment.create(this.#dir, number, size)
    this.#segments = [...this.#segments, segment]
    return segment
  }

  #refuse(error: unknown): string {
    if (this.#refusal?.error !== error) this.#refusal = { error, at: performance.now() }
    return error instanceof Error ? error.message : String(error)
  }

  /** What changes the segments runs one after the other. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}

/** How many frames from `start` on fit: the index behind the last one. */
function fitting(frames: readonly Buffer[], start: number, room: number): number {
  let end = start
  for (let left = room; end < frames.length && frames[end]!.length <= left; end += 1) {
    left -= frames[end]!.length
  }
  return end
}
