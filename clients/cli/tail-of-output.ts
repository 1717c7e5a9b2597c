import type { Readable } from 'node:stream'

const maxCharacters = 8_192

/** The last words of a process, kept in case it fails; everything before is forgotten. */
export class Tail {
  #text = ''

  constructor(...streams: readonly Readable[]) {
    for (const stream of streams) {
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        this.#text = (this.#text + chunk).slice(-maxCharacters)
      })
    }
  }

  get text(): string {
    return this.#text.trim() || '(nothing)'
  }
}
