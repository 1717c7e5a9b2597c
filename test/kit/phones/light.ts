import { createHash, randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import { passwordOf, sipDomain } from '../sip/accounts.ts'

interface LightPhoneOptions {
  readonly user: string
  readonly url: string
  readonly headers: Record<string, string>
  /** Is told whenever it is registered, or no more. */
  readonly changed: () => void
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const token = (): string => randomBytes(8).toString('hex')
/** How long it waits before it comes back, milliseconds: twice as long each time. */
const [firstMs, longestMs] = [250, 4_000]

/** A phone that does nothing but stay registered: small enough for a thousand of them. */
export class LightPhone {
  registered = false
  readonly #options: LightPhoneOptions
  readonly #host = `${token()}.invalid`
  readonly #callId = token()
  #socket: WebSocket | null = null
  #waiting: NodeJS.Timeout | undefined
  #attempt = 0
  #cseq = 0

  constructor(options: LightPhoneOptions) {
    this.#options = options
  }

  get open(): boolean {
    return this.#socket !== null
  }

  come(): void {
    const socket = new WebSocket(this.#options.url, 'sip', { headers: this.#options.headers })
    this.#socket = socket
    socket.on('open', () => this.#register(''))
    socket.on('message', (data: Buffer) => this.#take(data.toString()))
    socket.on('error', () => {})
    socket.on('close', (code) => this.#left(code))
  }

  /** Without a word to the registrar, as a tab that is closed. */
  leave(): void {
    clearTimeout(this.#waiting)
    this.#socket?.close(1000)
  }

  #left(code: number): void {
    this.#socket = null
    this.#become(false)
    if (code === 1000) return
    const waitMs = Math.min(longestMs, firstMs * 2 ** this.#attempt++) * (0.5 + Math.random())
    this.#waiting = setTimeout(() => this.come(), waitMs)
  }

  #become(registered: boolean): void {
    this.registered = registered
    this.#options.changed()
  }

  #take(message: string): void {
    if (message.startsWith('SIP/2.0 200')) {
      this.#attempt = 0
      this.#become(true)
    }
    const nonce = /^WWW-Authenticate: .*nonce="([^"]*)"/m.exec(message)?.[1]
    if (nonce !== undefined) this.#register(this.#credentials(nonce))
  }

  #credentials(nonce: string): string {
    const { user } = this.#options
    const [cnonce, uri] = [token(), `sip:${sipDomain}`]
    const secret = md5(`${user}:${sipDomain}:${passwordOf(user)}`)
    const response = md5(`${secret}:${nonce}:00000001:${cnonce}:auth:${md5(`REGISTER:${uri}`)}`)
    const parts = `username="${user}", realm="${sipDomain}", nonce="${nonce}", uri="${uri}"`
    const proof = `response="${response}", qop=auth, nc=00000001, cnonce="${cnonce}"`
    return `Authorization: Digest ${parts}, ${proof}\r\n`
  }

  #register(credentials: string): void {
    const { user } = this.#options
    const address = `<sip:${user}@${sipDomain}>`
    this.#socket?.send(
      `REGISTER sip:${sipDomain} SIP/2.0\r\n` +
        `Via: SIP/2.0/WS ${this.#host};branch=z9hG4bK${token()}\r\n` +
        `Max-Forwards: 70\r\nTo: ${address}\r\nFrom: ${address};tag=${this.#callId}\r\n` +
        `Call-ID: ${this.#callId}\r\nCSeq: ${(this.#cseq += 1)} REGISTER\r\n` +
        `Contact: <sip:${user}@${this.#host};transport=ws>;expires=600\r\n${credentials}` +
        'Content-Length: 0\r\n\r\n',
    )
  }
}
