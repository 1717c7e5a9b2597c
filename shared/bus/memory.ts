import { Listeners } from './listeners.ts'
import type { Bus } from './contract.ts'

/** The bus of a single process: a listener runs in the publisher's turn, nothing is queued. */
export function memoryBus(onError: (error: unknown) => void): Bus {
  const listeners = new Listeners(onError)
  return {
    publish: (app, rows) => listeners.deliver(app, rows),
    subscribe: (app, listener) => listeners.add(app, listener),
    ping: async () => {},
    close: async () => listeners.clear(),
  }
}
