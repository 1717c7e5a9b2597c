import { setTimeout as sleep } from 'node:timers/promises'
import { HttpConnection } from './http.ts'

/** Where a server is. */
export interface Address {
  readonly port: number
  readonly pid: number
}

interface Load {
  readonly requests: readonly Buffer[]
  readonly connections: number
}

/** A server under load: its connections, and how far it is in the requests, which all servers get in one order. */
export class IngestTarget {
  readonly pid: number
  readonly #requests: readonly Buffer[]
  readonly #connections: readonly HttpConnection[]
  #next = 0
  #answered = 0
  #refused = 0

  constructor({ port, pid }: Address, { requests, connections }: Load) {
    this.pid = pid
    this.#requests = requests
    this.#connections = Array.from({ length: connections }, () => new HttpConnection(port))
  }

  get answered(): number {
    return this.#answered
  }

  /** Every connection sends its next request as soon as it has its answer, until there were enough or time is up. */
  async closedLoop(ms: number, enough = Infinity): Promise<number[]> {
    const end = performance.now() + ms
    const last = Math.min(this.#next + enough, this.#requests.length)
    const latencies: number[] = []
    await this.#all(async (connection) => {
      while (performance.now() < end && this.#next < last) {
        const sentAt = performance.now()
        await this.#send(connection)
        latencies.push(performance.now() - sentAt)
      }
    })
    return latencies
  }

  /** Requests leave when they are due, whatever became of the others; latency counts from then. */
  async pacedRun(ms: number, perSecond: number): Promise<number[]> {
    const count = Math.ceil((ms * perSecond) / 1000)
    const begin = performance.now()
    const latencies: number[] = []
    let issued = 0
    await this.#all(async (connection) => {
      while (issued < count && this.#next < this.#requests.length) {
        const dueAt = begin + (issued++ * 1000) / perSecond
        const wait = dueAt - performance.now()
        if (wait > 0) await sleep(wait)
        const late = Math.max(0, performance.now() - dueAt)
        const sentAt = performance.now()
        await this.#send(connection)
        // A timer's own delay of about a millisecond is ours, a queue's is the server's.
        latencies.push(performance.now() - sentAt + (wait > 0 ? 0 : late))
      }
    })
    return latencies
  }

  /** A server that answers fast and loses something has won nothing. */
  findFault(): string | null {
    if (this.#refused > 0) return `${this.#refused} requests were not answered 200`
    return this.#next >= this.#requests.length ? 'the requests ran out' : null
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  #all(work: (connection: HttpConnection) => Promise<void>): Promise<unknown> {
    return Promise.all(this.#connections.map(work))
  }

  async #send(connection: HttpConnection): Promise<void> {
    const status = await connection.send(this.#requests[this.#next++]!)
    this.#answered += 1
    if (status !== 200) this.#refused += 1
  }
}
