import { WebSocket, type ClientOptions } from 'ws'
import type { Lifetime } from '../postgres.ts'

/** The WebSockets that phones of this process have open. */
const open = new Set<WebSocket>()

/** Puts the WebSocket of a page from this origin in the place of the platform's, until the lifetime ends. */
export function pretendPage(lifetime: Lifetime, headers: ClientOptions['headers']): void {
  const platform = globalThis.WebSocket
  class PageSocket extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { headers })
      open.add(this)
      this.on('close', () => open.delete(this))
    }
  }
  Object.assign(globalThis, { WebSocket: PageSocket })
  lifetime.teardown(() => {
    Object.assign(globalThis, { WebSocket: platform })
    cutPages()
  })
}

/** The network of all pages fails: no close frame, nothing. */
export function cutPages(): void {
  for (const socket of open) socket.terminate()
}
