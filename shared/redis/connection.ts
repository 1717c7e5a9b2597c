import { Redis } from 'ioredis'
import type { Address } from './url.ts'

/** Name and arguments. */
export type Command = readonly [name: string, ...rest: (string | number)[]]

/** For TCP and TLS to a server. */
const connectMs = 1_000
/** For the answer to a command that does not block. */
const commandMs = 500
/** Of silence, before the kernel asks whether the other end still lives. */
const keepAliveMs = 10_000

interface ConnectionOptions {
  readonly tls: boolean
  /** Gives up the connection, at any time. */
  readonly signal: AbortSignal
}

/**
 * One connection to one server. It never comes back once it is lost: who needs it opens another, so nothing is ever
 * queued, sent twice or answered late. (The client's own reconnection has its queues and its state, and none of
 * it looks at a server that is connected and silent.)
 */
export class Connection {
  readonly address: Address
  readonly #redis: Redis
  readonly #onLost: (() => void)[] = []
  #failure: Error | null = null

  /** @throws in plain words, naming the address */
  static async open(address: Address, { tls, signal }: ConnectionOptions): Promise<Connection> {
    signal.throwIfAborted()
    const connection = new Connection(address, tls)
    const abort = () => connection.destroy(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    connection.onLost(() => signal.removeEventListener('abort', abort))
    await connection.#connect()
    return connection
  }

  private constructor(address: Address, tls: boolean) {
    this.address = address
    this.#redis = new Redis({
      ...address,
      // The system's trust and NODE_EXTRA_CA_CERTS decide, and the name must be the server's.
      ...(tls && { tls: {} }),
      lazyConnect: true,
      connectTimeout: connectMs,
      keepAlive: keepAliveMs,
      // No farewell: a frozen server would not hear it, and a living one sees the connection end.
      disconnectTimeout: 0,
      retryStrategy: () => null,
      enableOfflineQueue: false,
      // LOADING is an answer like any other, and one to a command of ours.
      enableReadyCheck: false,
      disableClientInfo: true,
      // Nothing of RESP3 is used, and RESP2 needs no handshake.
      protocol: 2,
    })
    this.#redis.on('error', (error: Error) => this.#lose(error))
    this.#redis.on('end', () => this.#lose(new Error('the server closed the connection')))
  }

  /** Null as long as it can be used. */
  get failure(): Error | null {
    return this.#failure
  }

  /** Calls `listener` once, at once if the connection is lost already. */
  onLost(listener: () => void): void {
    if (this.#failure) listener()
    else this.#onLost.push(listener)
  }

  /** @throws the server's refusal, or why the connection was lost */
  async ask(command: Command, deadlineMs = commandMs): Promise<unknown> {
    const [reply] = await this.exchange([command], deadlineMs)
    if (reply instanceof Error) throw this.error(wordsOf(reply))
    return reply
  }

  /**
   * Sends commands in one write and resolves to their answers in order, a refusal as an Error. A connection that
   * misses a deadline is dead.
   * @throws why the connection was lost
   */
  async exchange(commands: readonly Command[], deadlineMs = commandMs): Promise<unknown[]> {
    if (this.#failure) throw this.#failure
    const pipeline = this.#redis.pipeline()
    for (const [name, ...rest] of commands) pipeline.call(name, ...rest)
    const cancel = afterMs(deadlineMs, () => {
      this.destroy(new Error(`no answer within ${deadlineMs} ms`))
    })
    // Whatever ends the connection also ends what waits for an answer on it.
    const replies = (await pipeline.exec().finally(cancel)) ?? []
    if (this.#failure) throw this.#failure
    // The client's own error holds the command, which may be AUTH with its password.
    return replies.map(([error, reply]) => (error ? new Error(error.message) : reply))
  }

  /** Closes it without waiting for anything; what waits on it fails with the reason. */
  destroy(reason: Error): void {
    this.#lose(reason)
  }

  /** An error that says whose it is. */
  error(words: string): Error {
    const { host, port } = this.address
    return new Error(`${host}:${port}: ${words}`)
  }

  async #connect(): Promise<void> {
    try {
      await this.#redis.connect()
    } catch (error) {
      // The client says only that it is closed; the event before had the reason.
      this.#lose(error as Error)
    }
    if (this.#failure) throw this.#failure
  }

  #lose(reason: Error): void {
    if (this.#failure) return
    this.#failure = this.error(wordsOf(reason))
    this.#redis.disconnect()
    for (const listener of this.#onLost) listener()
  }
}

function wordsOf(error: Error): string {
  // A name with several addresses fails with one error for each, and no message of its own.
  if (error instanceof AggregateError) return wordsOf(error.errors[0] as Error)
  // The client's words for octets it cannot parse: a web server, or a TLS port without TLS.
  if (error.message.startsWith('Unknown RESP type')) return 'what answers there is not Redis'
  return error.message || error.name
}

/**
 * Runs `late` after so many milliseconds, unless the returned function is called before. If this process was the one
 * that was busy, an answer may have arrived unread: it is read first.
 */
function afterMs(ms: number, late: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined
  const timer = setTimeout(() => (immediate = setImmediate(late)), ms)
  return () => {
    clearTimeout(timer)
    clearImmediate(immediate)
  }
}
