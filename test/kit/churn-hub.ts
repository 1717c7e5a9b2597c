import { loadConfig } from '@switchhook/shared/config'
import { allInOne, Config } from '@switchhook/services/all-in-one'
import { loggerOptions } from '@switchhook/services/log'
import { createServer } from '@switchhook/services/server'

/** What the suite in this process tells of itself. */
export interface Measured {
  /** After a forced collection, bytes. */
  readonly heapUsed: number
  /** Apps whose events it follows. */
  readonly feeds: number
  /** Lines of the log that tell of an error, so far. */
  readonly errors: number
}

export type Told = { readonly url: string } | Measured

// A process of its own, so that its heap is the suite's alone; started with --expose-gc.
const config = loadConfig(Config, { environment: process.env })
let errors = 0
const write = (line: string): void => {
  if ((JSON.parse(line) as { level: number }).level >= 50) errors += 1
}
const app = createServer({
  log: loggerOptions({ level: 'warn', pii: 'masked' }, { write }),
  trustProxy: [],
})
await allInOne(app, { config, publicUrl: 'http://127.0.0.1:3000' })

let feeds = 0
const { bus } = app
const { subscribe } = bus
bus.subscribe = (id, listener) => {
  feeds += 1
  const stop = subscribe(id, listener)
  return () => {
    feeds -= 1
    stop()
  }
}

const tell = (told: Told): void => void process.send?.(told)
process.on('message', () => {
  globalThis.gc?.()
  globalThis.gc?.()
  tell({ heapUsed: process.memoryUsage().heapUsed, feeds, errors })
})
process.on('disconnect', () => process.exit(0))
tell({ url: await app.listen({ host: '127.0.0.1', port: 0 }) })
