import type { Side, Watch } from './contract.ts'

/** Looks at one connection with several. */
export class Watches implements Watch {
  readonly #all: readonly Watch[]

  constructor(all: readonly Watch[]) {
    this.#all = all
  }

  wants(from: Side, beginning: Buffer): boolean {
    for (const watch of this.#all) if (watch.wants(from, beginning)) return true
    return false
  }

  see(from: Side, message: Buffer): void {
    for (const watch of this.#all) if (watch.wants(from, message)) watch.see(from, message)
  }

  closed(): void {
    for (const watch of this.#all) watch.closed()
  }
}
