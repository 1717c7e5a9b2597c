import type { Socket } from 'node:net'
import { connectRaw } from './socket.ts'

/** A keep-alive HTTP/1.1 connection that sends ready bytes and reads no more of an answer than it must. */
export class HttpConnection {
  readonly #port: number
  #socket: Socket | null = null
  #answer = ''
  #settle: PromiseWithResolvers<number> | null = null

  constructor(port: number) {
    this.#port = port
  }

  /** Sends a request; resolves with the status when the answer is complete. */
  send(request: Buffer): Promise<number> {
    this.#settle = Promise.withResolvers<number>()
    this.#socket ??= this.#connect()
    this.#socket.write(request)
    return this.#settle.promise
  }

  close(): void {
    this.#socket?.destroy()
  }

  #connect(): Socket {
    const socket = connectRaw(this.#port, (bytes) => this.#read(bytes))
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#settle?.reject(new Error('the server closed a connection during a request'))
    })
    return socket
  }

  #read(bytes: Buffer): void {
    this.#answer += bytes.toString('latin1')
    const end = this.#answer.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#answer.slice(0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (this.#answer.length < end + 4 + length) return
    this.#answer = ''
    // Servers end a connection after so many requests.
    if (/\r\nconnection: close/i.test(head)) this.#drop()
    const settle = this.#settle
    this.#settle = null
    settle?.resolve(Number(head.slice(9, 12)))
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.end()
  }
}
