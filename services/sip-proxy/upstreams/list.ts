import { ConfigError, followFile } from '@switchhook/shared/config'
import { finderOf, type Definition } from './find.ts'
import { readUpstreams, type UpstreamsOptions } from './read.ts'
import type { FastifyBaseLogger } from 'fastify'
import type { Route, Upstream, Upstreams } from './contract.ts'

/** The upstreams in effect: read at the start and after every change of the file; a bad one is kept out. */
export class UpstreamList implements Upstreams {
  readonly #options: UpstreamsOptions
  readonly #log: FastifyBaseLogger
  #all: readonly Upstream[] = []
  #find = finderOf([])
  #usable = true
  #stop = (): void => {}

  private constructor(options: UpstreamsOptions, log: FastifyBaseLogger) {
    this.#options = options
    this.#log = log
  }

  /** @throws ConfigError with every mistake in the file */
  static async open(options: UpstreamsOptions, log: FastifyBaseLogger): Promise<UpstreamList> {
    const list = new UpstreamList(options, log)
    const { upstreamsFile: file } = options
    if (file === undefined) return list
    // Followed before it is read: no change goes unseen in between.
    list.#stop = await followFile(file, () => list.#reload())
    const { definitions, mistakes } = readUpstreams(options)
    if (mistakes.length > 0) {
      list.close()
      throw new ConfigError(mistakes)
    }
    list.#use(definitions, 'upstreams known')
    return list
  }

  get all(): readonly Upstream[] {
    return this.#all
  }

  /** Whether the file had no mistakes when it was last read. */
  get usable(): boolean {
    return this.#usable
  }

  find(asked: string): Route | null {
    return this.#find(asked)
  }

  close(): void {
    this.#stop()
  }

  #reload(): void {
    const { definitions, mistakes } = readUpstreams(this.#options)
    this.#usable = mistakes.length === 0
    if (this.#usable) return this.#use(definitions, 'upstreams reloaded')
    const reasons = mistakes.map(({ reason }) => reason)
    this.#log.warn({ mistakes: reasons }, 'upstreams file kept out')
  }

  #use(definitions: readonly Definition[], message: string): void {
    this.#all = definitions.map(({ upstream }) => upstream)
    this.#find = finderOf(definitions)
    this.#log.info({ upstreams: this.#all.map(({ name }) => name) }, message)
    for (const { name, trust } of this.#all) {
      if (trust.trust !== 'insecure') continue
      this.#log.warn({ upstream: name }, 'anybody may answer in the place of this upstream')
    }
  }
}
