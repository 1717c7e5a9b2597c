import { connect, type Client, type Frame } from '../kit/client.ts'
import { Progress } from '../kit/watcher.ts'

interface FollowerOptions {
  /** Where it may connect. */
  readonly hubs: readonly string[]
  readonly token: string
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

/** What is under way: nothing, a request whose answer has not begun, or an answer that has not ended. */
type Asked = 'nothing' | 'resume' | 'subscription' | 'answering'

/**
 * A client that applies rule 2 of the protocol to the letter and takes nothing for granted: as long as no frame is lost
 * between two ends of a socket, each of them must fit. What does not is a fault.
 */
export class Follower {
  readonly faults: string[] = []
  /** How many requests were answered, and connections made. */
  readonly done = new Progress()
  readonly channels = new Set(['calls', 'ops'])
  /** Phases of the live calls by id. */
  readonly calls = new Map<string, unknown>()
  position = -1
  #epoch = ''
  #asked: Asked = 'nothing'
  #replayed = 0
  #cursor = 0
  #client: Client | null = null
  #ended = false
  #wake: () => void = () => {}
  readonly #options: FollowerOptions

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  /** Connects, with what it knows, to any hub. */
  async connect(): Promise<void> {
    const { hubs, token } = this.#options
    const fresh = this.position === -1
    const channels = [...this.channels].map((name) => `sub=${encodeURIComponent(name)}`).join('&')
    const path = `/${fresh ? 'ws/call' : 'ws'}?${channels}`
    const cursor = fresh ? {} : { cursor: `${this.#epoch}:${this.position}` }
    this.#begin(fresh ? 'subscription' : 'resume')
    const client = await connect(this.#pick(hubs), { token, modern: true, path, ...cursor })
    this.#client = client
    void this.#listen(client)
    await this.idle()
  }

  /** Goes away in the middle of whatever is under way, and comes back. */
  async drop(): Promise<void> {
    this.#client!.socket.terminate()
    this.#client = null
    await this.connect()
  }

  /** Resumes from where it is, or from a while ago. */
  async resume(): Promise<void> {
    const back = Math.floor(this.#options.random() * 30)
    this.position = Math.max(0, this.position - back)
    this.#begin('resume')
    this.#client!.say({ type: 'resume', data: { cursor: `${this.#epoch}:${this.position}` } })
    await this.idle()
  }

  async snapshot(): Promise<void> {
    this.#begin('resume')
    this.#client!.say({ type: 'snapshot' })
    await this.idle()
  }

  async toggle(channel: string): Promise<void> {
    const type = this.channels.has(channel) ? 'unsubscribe' : 'subscribe'
    if (type === 'subscribe') this.channels.add(channel)
    else this.channels.delete(channel)
    this.#asked = 'subscription'
    this.#client!.say({ type, data: { channels: [channel] } })
    await this.idle()
  }

  /** Resolves when everything asked for was answered. */
  idle(): Promise<void> {
    return this.#until(() => this.#asked === 'nothing')
  }

  /** Resolves when it knows everything up to `seq`. */
  reach(seq: number): Promise<void> {
    return this.#until(() => this.position >= seq)
  }

  end(): void {
    this.#ended = true
    this.#client?.socket.terminate()
  }

  #begin(asked: Asked): void {
    this.#asked = asked
    this.#replayed = 0
    this.#cursor = this.position
  }

  async #until(condition: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(60_000)
    const wake = (): void => this.#wake()
    deadline.addEventListener('abort', wake, { once: true })
    while (!condition()) {
      if (deadline.aborted) throw new Error(`still ${this.#asked} at ${this.position}`)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    deadline.removeEventListener('abort', wake)
  }

  async #listen(client: Client): Promise<void> {
    for await (const frame of client) {
      if (client !== this.#client) return
      if (frame.seq === undefined) this.#control(frame)
      else this.#event(frame)
      this.#wake()
    }
    if (client === this.#client && !this.#ended) this.faults.push('it was closed')
    this.#wake()
  }

  #event({ seq, prev, replay, call, data }: Frame): void {
    // Live frames were under way when the request was sent: they come again.
    if (this.#asked === 'resume' && !replay) return
    if (replay) this.#replayed += 1
    if (!(prev! <= this.position && this.position < seq!)) {
      this.faults.push(`${prev} < ${seq} does not fit ${this.position} while ${this.#asked}`)
    }
    this.position = seq!
    if (!call) return
    if (data.state?.phase === 'ended') this.calls.delete(call)
    else this.calls.set(call, data.state?.phase)
  }

  #control({ event, data }: Frame): void {
    if (event === 'connected') this.#epoch = String(data['head']).split(':')[0]!
    else if (event === 'subscribed' || event === 'unsubscribed') this.#answers('subscription')
    else if (event === 'head') this.#head(Number(data['seq']))
    else if (event === 'resync' || event === 'gap') this.#answers('resume')
    else if (event === 'snapshot') this.#snapshot(data)
    else if (event === 'resumed') this.#resumed(data)
    else if (event === 'call-removed') this.calls.delete(String(data['call']))
    else if (event === 'error') this.faults.push(`error ${JSON.stringify(data)}`)
  }

  #answers(asked: Asked): void {
    if (this.#asked === asked) this.#asked = 'answering'
  }

  #head(seq: number): void {
    // It was under way as well.
    if (this.#asked === 'resume') return
    this.position = Math.max(this.position, seq)
    if (this.#asked !== 'answering') return
    this.#asked = 'nothing'
    this.done.add('answered')
  }

  #snapshot({ seq, part, last, calls }: Frame['data']): void {
    this.#asked = 'answering'
    if (part === 1) this.calls.clear()
    for (const { id, phase } of calls as { id: string; phase: string }[]) this.calls.set(id, phase)
    if (last) this.position = Number(seq)
  }

  #resumed({ from, to, count }: Frame['data']): void {
    if (Number(from) !== this.#cursor || count !== this.#replayed) {
      this.faults.push(
        `resumed ${String(from)}, ${String(count)}: ${this.#cursor}, ${this.#replayed}`,
      )
    }
    this.position = Math.max(this.position, Number(to))
    this.#asked = 'answering'
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#options.random() * list.length)]!
  }
}
