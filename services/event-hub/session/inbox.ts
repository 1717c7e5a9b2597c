/** A message as it came. */
export interface Message {
  readonly data: Buffer
  readonly isBinary: boolean
}

/** So many messages may come before there is somebody to read them. */
const most = 40

/** What a client says before it is known who it is: the first message, and what it sent behind it in one go. */
export class Inbox {
  readonly #messages: Message[] = []
  #wake: ((message?: Message) => void) | null = null

  /** @returns false if it is full */
  put(message: Message): boolean {
    const wake = this.#wake
    this.#wake = null
    if (wake) wake(message)
    else if (this.#messages.length < most) this.#messages.push(message)
    else return false
    return true
  }

  /** The next message; undefined if none comes within so many milliseconds. */
  async take(ms: number): Promise<Message | undefined> {
    const [message] = this.#messages.splice(0, 1)
    if (message) return message
    const { promise, resolve } = Promise.withResolvers<Message | undefined>()
    this.#wake = resolve
    const timer = setTimeout(resolve, ms, undefined)
    const first = await promise
    clearTimeout(timer)
    this.#wake = null
    return first
  }

  /** Nothing more will come. */
  end(): void {
    this.#wake?.()
    this.#wake = null
  }

  /** All that nobody took. */
  rest(): Message[] {
    return this.#messages.splice(0)
  }
}
