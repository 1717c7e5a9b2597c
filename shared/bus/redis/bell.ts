/** Wakes one who waits; a ring while nobody waits is heard by the next who does. */
export class Bell {
  #rung = Promise.withResolvers<void>()

  ring(): void {
    this.#rung.resolve()
  }

  /** Resolves with the next ring, or the last one that nobody heard. */
  async heard(): Promise<void> {
    await this.#rung.promise
    this.#rung = Promise.withResolvers()
  }
}
