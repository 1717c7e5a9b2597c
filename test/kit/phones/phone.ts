/** What tests do with a telephone, whichever library it is made of. */
export interface Phone {
  readonly user: string
  /** What happened to it. */
  readonly diary: Pick<Diary, 'next'>
  start(): void
  register(): void
  unregister(): void
  call(user: string): void
  answer(): void
  reject(): void
  /** Ends a call, or gives up one that still rings. */
  hangUp(): void
  hold(): void
  resume(): void
  /** A tone as an INFO request. */
  sendInfo(tone: string): void
  /** Tones in the media (RFC 4733). */
  sendTones(tones: string): void
  stop(): void
}

/** One whose calls can be looked into. */
export interface OpenPhone extends Phone {
  /** The RTCPeerConnection of its call. */
  readonly peer: unknown
}

export interface PhoneOptions {
  readonly user: string
  /** The WebSocket it registers through. */
  readonly url: string
}

const deadlineMs = 60_000

/** Keeps what happened, and hands it out in order. */
export class Diary {
  readonly entries: string[] = []
  #read = 0
  #wake: () => void = () => {}

  readonly note = (entry: string): void => {
    this.entries.push(entry)
    this.#wake()
  }

  /** Resolves with the next entry that begins so; what comes before it is skipped. @throws if there is none in time */
  async next(beginning: string): Promise<string> {
    const deadline = AbortSignal.timeout(deadlineMs)
    for (;;) {
      while (this.#read < this.entries.length) {
        const entry = this.entries[this.#read++]!
        if (entry.startsWith(beginning)) return entry
      }
      if (deadline.aborted) throw new Error(`no '${beginning}' among ${this.entries.join(', ')}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
}
