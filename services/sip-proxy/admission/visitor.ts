import { CodedError } from '@switchhook/shared/errors'
import type { Upgrade } from '@switchhook/plugins/websocket'

/** Octets that may come before the handshake is answered; browsers send none. */
const maxEarly = 65_536
/** Chunks they are kept as: one of a single octet takes a hundred. */
const maxChunks = 64

/**
 * A client that waits for the answer to its handshake. It is read meanwhile, for only who reads hears that the other
 * side has gone; what it says is kept.
 */
export class Visitor {
  readonly #socket: Upgrade['socket']
  readonly #leaving = new AbortController()
  #early: Buffer[] = []
  #octets = 0

  constructor({ socket, head }: Upgrade) {
    this.#socket = socket
    socket.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd)
    if (head.length > 0) this.#onData(head)
    if (socket.destroyed) this.#onEnd()
  }

  /** Aborted as soon as there is nobody to connect any more; its reason is a CodedError, or `gone`. */
  get signal(): AbortSignal {
    return this.#leaving.signal
  }

  /** It waits in vain. */
  dismiss(error: CodedError): void {
    this.#leaving.abort(error)
  }

  /** The waiting is over: the socket is paused, and nobody listens to it. @returns what came meanwhile */
  leave(): Buffer {
    this.#socket.pause()
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd)
    const early = Buffer.concat(this.#early)
    this.#early = []
    return early
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#early.length === maxChunks) this.#early = [Buffer.concat(this.#early)]
    this.#early.push(chunk)
    this.#octets += chunk.length
    if (this.#octets <= maxEarly) return
    this.#socket.pause()
    const args = [`More than ${maxEarly} bytes came before the handshake was answered`]
    this.dismiss(new CodedError('bad_request', { args }))
  }

  readonly #onEnd = (): void => this.#leaving.abort(gone)
}

/** Why a dial is given up when its client has left. */
export const gone = new Error('the client has gone')
