import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Frame } from './client.ts'

export interface Churn {
  readonly url: string
  readonly random: () => number
  /** How long a client stays at most before it is dropped again, ms. */
  readonly stayMs: number
  /** Nobody is dropped while it is calm. */
  calm: boolean
  stopped: boolean
  /** The ids of the events by their numbers, as the first client that saw one was told it. */
  readonly ids: (string | undefined)[]
  /** How often clients were dropped, by how. */
  readonly drops: Record<Drop, number>
}

export type Drop = 'close' | 'terminate' | 'stall' | 'vanish'

/** Longer than the hub bears silence. */
const vanishedMs = 5_000

/** A client that is dropped again and again, and comes back with its cursor. */
export class ChurnClient {
  readonly #churn: Churn
  readonly #token: string
  #socket: WebSocket | null = null
  #epoch = ''
  /** The last event seen; null before the first connection. */
  position: number | null = null
  seen = 0
  /** What the protocol does not allow. */
  readonly broken: string[] = []

  constructor(churn: Churn, token: string) {
    this.#churn = churn
    this.#token = token
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  async run(): Promise<void> {
    const churn = this.#churn
    while (!churn.stopped) {
      await this.#open()
      await pause(churn.random() * churn.stayMs)
      while (churn.calm && !churn.stopped && this.connected) await pause(100)
      if (!churn.stopped) await this.#drop()
    }
    const socket = this.#socket!
    if (socket.readyState === WebSocket.CLOSED) return
    socket.close(1000)
    await once(socket, 'close')
  }

  async #open(): Promise<void> {
    const url = new URL('/ws', this.#churn.url.replace('http', 'ws'))
    if (this.position !== null) url.searchParams.set('cursor', `${this.#epoch}:${this.position}`)
    const socket = new WebSocket(url, ['switchhook.v1', `bearer.${this.#token}`])
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => {
      // Of a socket that was given up nothing counts.
      if (socket === this.#socket) this.#take(JSON.parse(data.toString()) as Frame)
    })
    await once(socket, 'open').catch(() => this.broken.push('a connection was refused'))
  }

  async #drop(): Promise<void> {
    const { random, drops } = this.#churn
    const socket = this.#socket!
    const how = (['close', 'terminate', 'stall', 'vanish'] as const)[Math.floor(random() * 4)]!
    drops[how] += 1
    if (how === 'vanish') return vanish(socket)
    if (how === 'stall') {
      socket.pause()
      await pause(random() * 2_000)
      socket.resume()
      await pause(random() * 200)
    }
    if (socket.readyState === WebSocket.CLOSED) return
    if (how === 'terminate') socket.terminate()
    else socket.close(1000)
    await once(socket, 'close')
  }

  #take({ event, seq, prev, id, data }: Frame): void {
    if (event === 'connected') this.#begin(String(data['head']))
    else if (event === 'head' && Number(data['seq']) > this.position!) {
      this.broken.push(`head ${String(data['seq'])} at ${this.position}`)
    } else if (event === 'resync' || event === 'gap' || event === 'error') {
      this.broken.push(`${event} ${JSON.stringify(data)}`)
    } else if (seq !== undefined) this.#see(seq, prev!, id!)
  }

  #begin(head: string): void {
    const [epoch = '', seq] = head.split(':')
    if (this.position !== null) return
    this.#epoch = epoch
    this.position = Number(seq)
  }

  /** Everyone sees everything: each event follows the one before. */
  #see(seq: number, prev: number, id: string): void {
    if (prev !== this.position || seq !== this.position + 1) {
      this.broken.push(`${prev} → ${seq} at ${this.position}`)
    }
    const known = (this.#churn.ids[seq] ??= id)
    if (known !== id) this.broken.push(`${seq} is ${id}, and ${known} to others`)
    this.position = seq
    this.seen += 1
  }
}

/** The peer is gone and nobody tells the hub, which has to find out. */
function vanish(socket: WebSocket): void {
  socket.pause()
  setTimeout(() => socket.terminate(), vanishedMs)
}
