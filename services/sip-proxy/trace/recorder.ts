import { setImmediate as turn } from 'node:timers/promises'
import type { Lost, NewMessage, SipTraces } from '@switchhook/shared/sip-traces'

/** What waits to be written; what comes while it is as much is counted as lost. */
const most = { messages: 2_000, characters: 8_388_608 }

interface Parts {
  readonly traces: Pick<SipTraces, 'write'>
  readonly onWritten: (count: number) => void
  readonly onLost: (count: number, error?: unknown) => void
}

/** Writes messages behind those who send them: all of a turn in one go, one write at a time. */
export class Recorder {
  readonly #parts: Parts
  #waiting: NewMessage[] = []
  #characters = 0
  /** By trace; there are as many as there are traces. */
  #lost = new Map<string, Lost>()
  #writing: Promise<void> | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  add(message: NewMessage): void {
    const { length } = message.message.message
    const isFull = this.#waiting.length >= most.messages || this.#characters > most.characters
    if (isFull) this.#lose([message])
    else {
      this.#waiting.push(message)
      this.#characters += length
    }
    void this.flush()
  }

  /** A message that may have been of this trace was not even read. */
  miss(app: string, trace: string): void {
    this.#count(trace, { app, trace, count: 1 })
    this.#parts.onLost(1)
    void this.flush()
  }

  /** Writes what waits, and tells the store what got lost; never rejects. */
  flush(): Promise<void> {
    if (this.#waiting.length + this.#lost.size === 0) return this.#writing ?? Promise.resolve()
    this.#writing ??= this.#write().finally(() => (this.#writing = null))
    return this.#writing
  }

  async #write(): Promise<void> {
    await turn()
    while (this.#waiting.length + this.#lost.size > 0) {
      const [messages, lost] = [this.#waiting, this.#lost]
      this.#waiting = []
      this.#characters = 0
      this.#lost = new Map()
      try {
        await this.#parts.traces.write(messages, [...lost.values()])
        this.#parts.onWritten(messages.length)
      } catch (error) {
        for (const [key, one] of lost) this.#count(key, one)
        this.#lose(messages, error)
        // With the next message, or the next look at the store.
        return
      }
    }
  }

  #lose(messages: readonly NewMessage[], error?: unknown): void {
    for (const { app, trace } of messages) this.#count(trace, { app, trace, count: 1 })
    if (messages.length > 0) this.#parts.onLost(messages.length, error)
  }

  #count(key: string, { count, ...of }: Lost): void {
    this.#lost.set(key, { ...of, count: count + (this.#lost.get(key)?.count ?? 0) })
  }
}
