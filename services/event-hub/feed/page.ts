import { replayText, type Encoded } from './encode.ts'
import type { Feed } from './index.ts'
import type { View } from './view.ts'

export interface PageOptions {
  /** The number to continue after. */
  readonly after: number
  /** Events at most. */
  readonly limit: number
  /** Of one call alone. */
  readonly call?: string | undefined
}

/** Some of the past, oldest first. */
export interface Page {
  /** Each the JSON text of a frame, chained by `prev`. */
  readonly frames: readonly string[]
  /** The number to continue after: everything up to it that the view shows is in the page. */
  readonly next: number
  /** Nothing follows at the moment. */
  readonly complete: boolean
  /** The journal, or memory for a view by owner, does not reach back that far: this is the oldest event there is. */
  readonly oldest: number | null
}

/** A page is a message of its own. */
const maxBytes = 57_344
/** A view that shows little of much is looked through in portions. */
const maxScanned = 10_000

/** Reads what a view shows of the past. @throws if the journal cannot be read */
export async function readPage(feed: Feed, view: View, options: PageOptions): Promise<Page> {
  const { after, limit } = options
  const pile = new Pile(view, options)
  while (pile.at < feed.position && pile.at - after < maxScanned) {
    const portion = await feed.portion(view, pile.at, limit)
    if ('missing' in portion) return { ...pile.page(feed), oldest: portion.oldest }
    if (!portion.events.every((event) => pile.add(event))) break
  }
  return pile.page(feed)
}

/** The frames of a page while it grows. */
class Pile {
  /** The last event that was looked at. */
  at: number
  readonly #view: View
  readonly #channel: string | null
  readonly #limit: number
  readonly #frames: string[] = []
  #prev: number
  #bytes = 0

  constructor(view: View, { after, limit, call }: PageOptions) {
    this.at = after
    this.#prev = after
    this.#view = view
    this.#limit = limit
    this.#channel = call === undefined ? null : `call:${call}`
  }

  /** @returns false if the page is full: the event, or the next one, belongs to another */
  add(event: Encoded): boolean {
    if (!this.#shows(event)) {
      this.at = event.seq
      return true
    }
    const text = replayText(event, this.#prev)
    if (this.#frames.length > 0 && this.#bytes + text.length > maxBytes) return false
    this.at = event.seq
    this.#prev = event.seq
    this.#bytes += text.length
    return this.#frames.push(text) < this.#limit
  }

  page({ position }: Feed): Page {
    return { frames: this.#frames, next: this.at, complete: this.at >= position, oldest: null }
  }

  #shows(event: Encoded): boolean {
    const ofCall = this.#channel === null || event.channels.includes(this.#channel)
    return ofCall && this.#view.sees(event)
  }
}
