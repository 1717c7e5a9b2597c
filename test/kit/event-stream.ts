import { get, type IncomingMessage } from 'node:http'

/** One event of a stream, as it came. */
export interface Block {
  readonly id: string | undefined
  readonly event: string
  /** The text of `data`, byte for byte. */
  readonly data: string
}

const deadlineMs = 30_000

/** A reader of `text/event-stream` that hands out events one by one. */
export class EventStreamReader {
  readonly response: IncomingMessage
  readonly blocks: Block[] = []
  /** Milliseconds of every `retry:`. */
  readonly retries: number[] = []
  comments = 0
  /** The last id, as an EventSource would present it. */
  lastId: string | undefined
  readonly ended: Promise<void>
  #text = ''
  #read = 0
  #over = false
  #wake: () => void = () => {}

  constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (text: string) => this.#take(text))
    response.on('error', () => {})
    this.ended = new Promise((resolve) => {
      response.once('close', () => {
        this.#over = true
        this.#wake()
        resolve()
      })
    })
  }

  /** The next event. @throws if the stream ends or nothing comes within the deadline */
  async next(): Promise<Block> {
    const deadline = AbortSignal.timeout(deadlineMs)
    while (this.#read >= this.blocks.length) {
      if (this.#over) throw new Error('the stream has ended')
      if (deadline.aborted) throw new Error(`no event within ${deadlineMs} ms`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return this.blocks[this.#read++]!
  }

  /** The next one with this name. */
  async nextNamed(name: string): Promise<Block> {
    for (;;) {
      const block = await this.next()
      if (block.event === name) return block
    }
  }

  /** The next `count` numbered ones. */
  async nextEvents(count: number): Promise<Block[]> {
    const events: Block[] = []
    while (events.length < count) {
      const block = await this.next()
      if (isNumbered(block)) events.push(block)
    }
    return events
  }

  close(): void {
    this.response.destroy()
  }

  #take(text: string): void {
    this.#text += text
    const parts = this.#text.split('\n\n')
    this.#text = parts.pop()!
    for (const part of parts) this.#accept(part)
    this.#wake()
  }

  #accept(part: string): void {
    if (part.startsWith(':')) this.comments += 1
    const field = (name: string) =>
      part
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.slice(name.length + 2)
    const [id, event, data, retry] = [field('id'), field('event'), field('data'), field('retry')]
    if (retry !== undefined) this.retries.push(Number(retry))
    if (id !== undefined) this.lastId = id
    if (event !== undefined && data !== undefined) this.blocks.push({ id, event, data })
  }
}

export const isNumbered = ({ data }: Block): boolean => /^\{"event":"[^"]+","seq":/.test(data)

/** What stands in `data` of a frame, as text: never parsed, so that bytes can be compared. */
export function dataText(frame: string): string {
  return frame.slice(frame.indexOf(',"data":') + 8, -1)
}

interface StreamOptions {
  readonly query?: string
  readonly token?: string
  readonly lastId?: string | undefined
  readonly headers?: Record<string, string>
}

/** Asks for a stream; resolves with the answer, whatever its status is. */
export function askForStream(
  base: string,
  { query = '', token, lastId, headers = {} }: StreamOptions = {},
): Promise<IncomingMessage> {
  const all = {
    ...headers,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(lastId !== undefined && { 'last-event-id': lastId }),
  }
  return new Promise((resolve, reject) => {
    get(`${base}/events${query}`, { headers: all, agent: false }, resolve).once('error', reject)
  })
}

/** Opens a stream. @throws if it is refused */
export async function openStream(
  base: string,
  options?: StreamOptions,
): Promise<EventStreamReader> {
  const response = await askForStream(base, options)
  if (response.statusCode !== 200) {
    response.resume()
    throw new Error(`status ${response.statusCode}`)
  }
  return new EventStreamReader(response)
}
