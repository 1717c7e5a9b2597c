import type { Bus, Listener } from './contract.ts'

/** The bus of a single process: a listener runs in the publisher's turn, nothing is queued. */
export function memoryBus(onError: (error: unknown) => void): Bus {
  const listeners = new Map<string, Set<Listener>>()
  return {
    publish(app, rows) {
      for (const listener of listeners.get(app) ?? []) {
        try {
          listener(rows)
        } catch (error) {
          // A hub's mistake must not become the ingest's.
          onError(error)
        }
      }
    },
    subscribe(app, listener) {
      const ofApp = listeners.get(app) ?? new Set()
      listeners.set(app, ofApp.add(listener))
      return () => {
        ofApp.delete(listener)
        if (ofApp.size === 0 && listeners.get(app) === ofApp) listeners.delete(app)
      }
    },
  }
}
