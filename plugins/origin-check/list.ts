import { ConfigError, type Mistake } from '@switchhook/shared/config'
import { followFile } from '@switchhook/shared/config'
import { readList, type Allowed, type Written } from './read.ts'
import { matcherOf, type Matcher } from './match.ts'
import type { FastifyBaseLogger } from 'fastify'

interface Parts {
  readonly written: Written
  /** What always passes. */
  readonly own: readonly Allowed[]
  readonly log: FastifyBaseLogger
}

/** The list in effect: read at the start and after every change of the file; a bad one is kept out. */
export class OriginList {
  readonly #parts: Parts
  #allowed: readonly Allowed[] = []
  #matcher: Matcher = matcherOf([])
  #usable = true
  #stop = (): void => {}

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws ConfigError with every mistake in the settings and the file */
  static async open(parts: Parts): Promise<OriginList> {
    const list = new OriginList(parts)
    const { file } = parts.written
    // Followed before it is read: no change goes unseen in between.
    if (file !== undefined) list.#stop = await followFile(file, () => list.#reload())
    const mistakes = list.#read()
    if (mistakes.length === 0) return list
    list.close()
    throw new ConfigError(mistakes)
  }

  get allowed(): readonly Allowed[] {
    return this.#allowed
  }

  get matcher(): Matcher {
    return this.#matcher
  }

  /** Whether the file had no mistakes when it was last read. */
  get usable(): boolean {
    return this.#usable
  }

  close(): void {
    this.#stop()
  }

  #reload(): void {
    const before = this.#allowed
    const { log } = this.#parts
    const mistakes = this.#read()
    this.#usable = mistakes.length === 0
    if (this.#usable) {
      const added = missingIn(before, this.#allowed)
      const removed = missingIn(this.#allowed, before)
      log.info({ added, removed }, 'origins reloaded')
    } else {
      const reasons = mistakes.map(({ reason }) => reason)
      log.warn({ mistakes: reasons }, 'origins file kept out')
    }
  }

  #read(): readonly Mistake[] {
    const { written, own, log } = this.#parts
    const { allowed, mistakes } = readList(written)
    if (mistakes.length > 0) return mistakes
    const others = allowed.filter(({ origin }) => !own.some((one) => one.origin === origin))
    this.#allowed = [...own, ...others]
    this.#matcher = matcherOf(this.#allowed)
    if (this.#allowed.some(({ origin }) => origin === '*')) log.warn('any origin may connect')
    for (const { origin, successor } of others) {
      if (successor === null || this.#matcher.find(successor)) continue
      log.warn({ origin, successor }, 'the successor of an origin is not allowed here')
    }
    return []
  }
}

/** Entries of the second list that the first one has not, as they are written. */
function missingIn(list: readonly Allowed[], other: readonly Allowed[]): string[] {
  const known = new Set(list.map(inWords))
  return other.map(inWords).filter((entry) => !known.has(entry))
}

/** An entry as it is written. */
export function inWords({ origin, until, successor }: Allowed): string {
  const end = until === null ? '' : `;until=${until}`
  return origin + end + (successor === null ? '' : `;successor=${successor}`)
}
