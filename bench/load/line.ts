import { performance } from 'node:perf_hooks'
import { FrameReader } from './frames.ts'
import { messagesOf, type SipMessage } from './sip.ts'
import { afterHead, connectRaw, handshake } from './socket.ts'
import type { RecordableHistogram } from 'node:perf_hooks'
import type { Socket } from 'node:net'

const path = '/api/sip-ws/bench'
const patienceMs = 20_000
/** Handshakes on their way at the same time. */
const arriving = 50

/** A browser's connection to an echo: whatever it says has to come back, whole and in order. */
export class Line {
  /** Microseconds from a message to its echo. */
  latency: RecordableHistogram | null = null
  /** Told how many echoes one read brought. */
  onEchoes: (count: number) => void = () => {}
  #socket!: Socket
  readonly #messages: readonly SipMessage[]
  #said = 0
  #heard = 0
  #saidAt = 0
  #fault: Error | null = null
  #silence: PromiseWithResolvers<void> | null = null

  private constructor(index: number) {
    this.#messages = messagesOf(index)
  }

  /** Resolves when its handshake is answered. @throws with what was answered instead */
  static async open(port: number, index: number): Promise<Line> {
    const line = new Line(index)
    await line.#connect(port)
    return line
  }

  /** Says so many messages in one write. */
  say(count: number): void {
    if (this.latency) this.#saidAt = performance.now()
    this.#socket.cork()
    for (let one = 0; one < count; one += 1) {
      this.#socket.write(this.#messages[this.#said++ % this.#messages.length]!.frame)
    }
    this.#socket.uncork()
  }

  /** Resolves when everything has come back. @throws if something did not, or not as it was said */
  async silent(): Promise<void> {
    if (this.#fault) throw this.#fault
    if (this.#heard === this.#said) return
    const silence = (this.#silence = Promise.withResolvers<void>())
    const overdue = (): void => this.#fail(`${this.#said - this.#heard} messages never came back`)
    const timer = setTimeout(overdue, patienceMs)
    await silence.promise.finally(() => clearTimeout(timer))
  }

  close(): void {
    this.#fault ??= new Error('closed')
    this.#socket.destroy()
  }

  async #connect(port: number): Promise<void> {
    const opened = Promise.withResolvers<void>()
    const reader = new FrameReader({
      message: (bytes, start, size) => this.#hear(bytes, start, size),
      ping: () => {},
      close: () => this.#fail('the relay closed a line'),
    })
    const read = afterHead(reader, {
      accepted: () => opened.resolve(),
      refused: (answer) => opened.reject(new Error(`the relay answered ${answer}`)),
    })
    this.#socket = connectRaw(port, (bytes) => this.#read(bytes, read))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      opened.reject(new Error('the relay refused a line'))
      this.#fail('the relay cut a line')
    })
    const headers = ['Sec-WebSocket-Protocol: sip', 'Origin: http://127.0.0.1:3000']
    this.#socket.write(handshake(path, ...headers))
    const timer = setTimeout(() => opened.reject(new Error('no handshake')), patienceMs)
    await opened.promise.finally(() => clearTimeout(timer))
  }

  #read(bytes: Buffer, read: (bytes: Buffer) => void): void {
    const before = this.#heard
    read(bytes)
    const count = this.#heard - before
    if (count === 0) return
    this.latency?.record(Math.max(1, Math.round((performance.now() - this.#saidAt) * 1000)))
    this.onEchoes(count)
    if (this.#heard === this.#said) this.#silence?.resolve()
  }

  #hear(bytes: Buffer, start: number, size: number): void {
    const { payload } = this.#messages[this.#heard++ % this.#messages.length]!
    const same = payload.compare(bytes, start, start + size) === 0
    if (!same) this.#fail('a message came back as another one')
  }

  #fail(fault: string): void {
    this.#fault ??= new Error(fault)
    this.#silence?.reject(this.#fault)
  }
}

/** Opens lines until there are `size`. */
export async function openLines(port: number, lines: Line[], size: number): Promise<void> {
  while (lines.length < size) {
    const from = lines.length
    const count = Math.min(arriving, size - from)
    const calls = Array.from({ length: count }, (_, index) => Line.open(port, from + index))
    lines.push(...(await Promise.all(calls)))
  }
}
