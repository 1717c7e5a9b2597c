/** A frame in the bytes that were read: where its payload begins and how long it is. */
export interface FrameSink {
  message(bytes: Buffer, start: number, size: number): void
  ping(): void
  close(): void
}

const textFrame = 0x81
const binaryFrame = 0x82
const pingFrame = 0x89
const closeFrame = 0x88

/** Walks over the frames of a server (RFC 6455 §5.2, never masked) without copying or decoding them. */
export class FrameReader {
  readonly #sink: FrameSink
  /** The beginning of a frame whose end has not come yet. */
  #rest: Buffer | null = null

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** Reads on; `bytes` may be reused afterwards. */
  push(bytes: Buffer): void {
    const all = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes
    let at = 0
    for (;;) {
      const end = this.#frame(all, at)
      if (end === at) break
      at = end
    }
    this.#rest = at < all.length ? Buffer.from(all.subarray(at)) : null
  }

  /** Reports the frame at `at` if it is complete. @returns where the next one begins, or `at` */
  #frame(bytes: Buffer, at: number): number {
    const available = bytes.length - at
    if (available < 2) return at
    const short = bytes[at + 1]!
    const header = short < 126 ? 2 : short === 126 ? 4 : 10
    if (available < header) return at
    const size =
      header === 2 ? short : header === 4 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6)
    if (available < header + size) return at
    const first = bytes[at]
    if (first === textFrame || first === binaryFrame) this.#sink.message(bytes, at + header, size)
    else if (first === pingFrame) this.#sink.ping()
    else if (first === closeFrame) this.#sink.close()
    return at + header + size
  }
}
