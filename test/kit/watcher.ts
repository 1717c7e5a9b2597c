import { EventEmitter, once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type Client } from './client.ts'

/** Things that happen one after the other, and a way to wait until there are enough of them. */
export class Progress {
  readonly items: string[] = []
  readonly #emitter = new EventEmitter()

  get size(): number {
    return this.items.length
  }

  add(item: string): void {
    this.items.push(item)
    this.#emitter.emit('item')
  }

  async reach(size: number): Promise<void> {
    const signal = AbortSignal.timeout(60_000)
    while (this.size < size) await once(this.#emitter, 'item', { signal })
  }
}

/** A client that only keeps its cursor, and comes back with it after every loss. */
export class Watcher {
  readonly seen = new Progress()
  readonly #connected = Promise.withResolvers<void>()
  /** Resolves when it follows for the first time. */
  readonly connected = this.#connected.promise
  readonly #url: string
  readonly #token: string
  #cursor: string | undefined
  #client: Client | null = null
  #stopped = false

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  /** @param up what it waits for before it connects; a moment, when it cannot know */
  async run(up: () => Promise<void> = () => pause(100)): Promise<void> {
    while (!this.#stopped) {
      await up()
      const cursor = this.#cursor === undefined ? {} : { cursor: this.#cursor }
      const hello = { token: this.#token, modern: true, ...cursor }
      this.#client = await connect(this.#url, hello).catch(() => null)
      if (this.#client) await this.#follow(this.#client)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#client?.close()
  }

  async #follow(client: Client): Promise<void> {
    let epoch = ''
    for await (const { event, seq, prev, id, data } of client) {
      if (event === 'connected') {
        epoch = String(data['head']).split(':')[0]!
        this.#cursor ??= `${epoch}:0`
        this.#connected.resolve()
      }
      if (event === 'resync') throw new Error(`resync ${String(data['reason'])}`)
      if (seq === undefined) continue
      if (prev !== this.seen.size) throw new Error(`${prev} does not follow ${this.seen.size}`)
      this.#cursor = `${epoch}:${seq}`
      this.seen.add(id!)
    }
  }
}
