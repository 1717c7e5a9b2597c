import type { Side, Watch } from './contract.ts'

/** Looks at one connection twice. */
export class Watches implements Watch {
  readonly #one: Watch
  readonly #other: Watch

  constructor(one: Watch, other: Watch) {
    this.#one = one
    this.#other = other
  }

  wants(from: Side, beginning: Buffer): boolean {
    return this.#one.wants(from, beginning) || this.#other.wants(from, beginning)
  }

  see(from: Side, message: Buffer): void {
    if (this.#one.wants(from, message)) this.#one.see(from, message)
    if (this.#other.wants(from, message)) this.#other.see(from, message)
  }

  closed(): void {
    this.#one.closed()
    this.#other.closed()
  }
}
