import type { JournalRow } from '../journal/index.ts'
import type { Listener } from './contract.ts'

/** Who listens to which app in this process. */
export class Listeners {
  readonly #byApp = new Map<string, Set<Listener>>()
  readonly #onError: (error: unknown) => void

  /** @param onError told what a listener throws: it must disturb neither the publisher nor other listeners */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  has(app: string): boolean {
    return this.#byApp.has(app)
  }

  /** @returns a function that removes it again */
  add(app: string, listener: Listener): () => void {
    const ofApp = this.#byApp.get(app) ?? new Set()
    this.#byApp.set(app, ofApp.add(listener))
    return () => {
      ofApp.delete(listener)
      if (ofApp.size === 0 && this.#byApp.get(app) === ofApp) this.#byApp.delete(app)
    }
  }

  deliver(app: string, rows: readonly JournalRow[]): void {
    for (const listener of this.#byApp.get(app) ?? []) {
      try {
        listener(rows)
      } catch (error) {
        this.#onError(error)
      }
    }
  }

  clear(): void {
    this.#byApp.clear()
  }
}
