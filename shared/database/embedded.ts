import { once } from 'node:events'
import { chmodSync, closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { lockDataDir, makeDirectory } from '../data-dir/index.ts'
import type { Procedures, Store } from './contract.ts'

export interface Call {
  readonly id: number
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
}

export type Reply = { readonly id: number } & (
  | { readonly result: unknown }
  | { readonly error: unknown; readonly errcode: number | undefined }
)

export interface EmbeddedOptions {
  readonly dataDir: string
  /** Called when the store's thread ends unasked; the process cannot go on without it. */
  readonly onCrash: (error: Error) => void
}

/**
 * Opens the embedded store: SQLite in a thread of its own, in `dataDir`, which this process then owns.
 * @throws if another process owns the directory, or the file cannot be opened or migrated
 */
export async function openEmbedded({ dataDir, onCrash }: EmbeddedOptions): Promise<Store> {
  makeDirectory(dataDir)
  const unlock = lockDataDir(dataDir)
  const file = join(dataDir, 'switchhook.db')
  // The engine's journal files take over the mode of this one.
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { file } })
  try {
    await once(worker, 'message')
  } catch (cause) {
    unlock()
    const { message } = cause as Error
    throw new Error(
      `${file} cannot be opened: ${message}. Restore a backup of it, or move it away.`,
      {
        cause,
      },
    )
  }
  return new EmbeddedStore(worker, { unlock, onCrash })
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: unknown): void
}

class EmbeddedStore implements Store {
  readonly #worker: Worker
  readonly #unlock: () => void
  /** Calls under way. Its bound is the callers': the commit queue, the pollers, the readers each have one. */
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #closed: Promise<void> | null = null

  constructor(worker: Worker, { unlock, onCrash }: { unlock(): void; onCrash(e: Error): void }) {
    this.#worker = worker
    this.#unlock = unlock
    worker.on('message', (reply: Reply) => this.#settle(reply))
    worker.on('error', (error: Error) => this.#abandon(error))
    worker.on('exit', (code) => {
      const error = new Error(`the store's thread ended with code ${code}`)
      this.#abandon(error)
      if (!this.#closed) onCrash(error)
    })
  }

  procedures<M>(module: string): Procedures<M> {
    return new Proxy({} as Procedures<M>, {
      get: (_, name) => (typeof name === 'string' ? this.#caller(module, name) : undefined),
    })
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const ended = once(this.#worker, 'exit')
    this.#worker.postMessage('close')
    await ended
    this.#unlock()
  }

  #caller(module: string, name: string): (...args: unknown[]) => Promise<unknown> {
    return (...args) =>
      new Promise((resolve, reject) => {
        const id = ++this.#lastId
        this.#waiting.set(id, { resolve, reject })
        this.#worker.postMessage({ id, module, name, args } satisfies Call)
      })
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('error' in reply) waiting?.reject(withErrcode(reply))
    else waiting?.resolve(reply.result)
  }

  #abandon(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** As node:sqlite threw it. */
function withErrcode({ error, errcode }: { error: unknown; errcode: number | undefined }): unknown {
  return errcode === undefined ? error : Object.assign(error as Error, { errcode })
}
