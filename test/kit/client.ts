import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { EventFrame, EventData } from '@switchhook/shared/events'

/** A frame as a test looks at it: event frames have seq and friends, control frames have not. */
export type Frame = { event: string; data: Record<string, unknown> & Partial<EventData> } & Partial<
  Omit<EventFrame, 'event' | 'data'>
>

interface ConnectOptions {
  readonly token?: string
  readonly cursor?: string
  readonly path?: string
  /** With the token as a subprotocol; without one the client says who it is in its first message. */
  readonly modern?: boolean
  readonly headers?: Record<string, string>
}

const deadlineMs = 30_000

/** A WebSocket client of the hub that hands out frames one by one. */
export class Client {
  readonly socket: WebSocket
  readonly frames: Frame[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  #read = 0
  #asked = 0
  #wake: () => void = () => {}

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame)
      this.#wake()
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() })
        this.#wake()
      })
    })
    socket.on('error', () => {})
  }

  /** The next frame. @throws if the socket closes or nothing comes within the deadline */
  async next(): Promise<Frame> {
    const deadline = AbortSignal.timeout(deadlineMs)
    while (this.#read >= this.frames.length) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('the socket is closed')
      if (deadline.aborted) throw new Error(`no frame within ${deadlineMs} ms`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return this.frames[this.#read++]!
  }

  /** The next frame with this name; what comes before it is skipped. */
  async nextNamed(event: string): Promise<Frame> {
    for (;;) {
      const frame = await this.next()
      if (frame.event === event) return frame
    }
  }

  /** The next `count` numbered events; control frames between them are skipped. */
  async nextEvents(count: number): Promise<Frame[]> {
    const events: Frame[] = []
    while (events.length < count) {
      const frame = await this.next()
      if (frame.seq !== undefined) events.push(frame)
    }
    return events
  }

  /** Says something that has an id, and skips to what answers it. */
  async ask(type: string, data: object = {}): Promise<Frame> {
    const id = `q${(this.#asked += 1)}`
    this.say({ type, id, data })
    for (;;) {
      const frame = await this.next()
      if (frame.id === id) return frame
    }
  }

  /** All frames until the socket closes. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frame> {
    for (;;) {
      while (this.#read < this.frames.length) yield this.frames[this.#read++]!
      if (this.socket.readyState === WebSocket.CLOSED) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  say(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return
    this.socket.close(1000)
    await this.closed
  }
}

/** Opens a socket to `base` (`http://127.0.0.1:port`); resolves when the handshake succeeded. */
export async function connect(base: string, options: ConnectOptions = {}): Promise<Client> {
  const url = new URL(options.path ?? '/ws', base.replace('http', 'ws'))
  if (options.cursor !== undefined) url.searchParams.set('cursor', options.cursor)
  if (options.token !== undefined && !options.modern) url.searchParams.set('token', options.token)
  const bearer = options.token === undefined ? [] : [`bearer.${options.token}`]
  const protocols = options.modern ? ['switchhook.v1', ...bearer] : []
  const client = new Client(new WebSocket(url, protocols, { headers: options.headers ?? {} }))
  await once(client.socket, 'open', { signal: AbortSignal.timeout(deadlineMs) })
  return client
}
