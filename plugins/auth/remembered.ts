import { createHash } from 'node:crypto'

/** What was found out about texts, by their SHA-256; the one not asked for longest gives way. */
export class Remembered<Value> {
  readonly #most: number
  readonly #values = new Map<string, Value>()

  constructor(most: number) {
    this.#most = most
  }

  get(text: string): Value | undefined {
    const key = keyOf(text)
    const value = this.#values.get(key)
    if (value === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }

  set(text: string, value: Value): void {
    this.#values.set(keyOf(text), value)
    if (this.#values.size <= this.#most) return
    for (const oldest of this.#values.keys()) return void this.#values.delete(oldest)
  }

  forget(text: string): void {
    this.#values.delete(keyOf(text))
  }

  clear(): void {
    this.#values.clear()
  }
}

/** The text itself is a credential: it does not lie about. */
function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
