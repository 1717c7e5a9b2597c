import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

interface LossyHub {
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** How many frames were lost. */
  readonly lost: number
  /** Resolves when a client was brought in step. */
  inStep(): Promise<void>
}

/** One in so many events never arrives. */
const one = 4

/** A hub between the client and the real one that loses events, each the first time it comes. */
export async function lossyHub(t: Test, base: string): Promise<LossyHub> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const step = Promise.withResolvers<void>()
  const loss = new Loss()
  server.on('connection', (near, { url = '', headers }) => {
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    const far = new WebSocket(new URL(url, base.replace('http', 'ws')), offered)
    let held: string[] = []
    far.on('message', (data: Buffer) => {
      const text = data.toString()
      const { event, seq, replay } = JSON.parse(text) as { event: string } & Numbered
      if (event === 'head') step.resolve()
      if (seq === undefined || !loss.takes(seq)) {
        // Nothing tells of the end of a replay that is lost: only what is followed by another event is.
        if (seq === undefined) for (const last of held) near.send(last)
        held = []
        near.send(text)
      } else if (replay) held = [text]
    })
    far.on('close', () => near.close())
    far.on('error', () => near.close())
    near.on('message', (data: Buffer) => far.send(data.toString()))
    near.on('close', () => far.close())
  })
  t.teardown(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    get lost() {
      return loss.count
    },
    inStep: () => step.promise,
  }
}

interface Numbered {
  readonly seq?: number
  readonly replay?: true
}

/** Which events are lost. */
class Loss {
  readonly #seen = new Set<number>()
  count = 0

  /** Whether this one is, this time. */
  takes(seq: number): boolean {
    if (this.#seen.has(seq)) return false
    this.#seen.add(seq)
    if (seq % one !== 2) return false
    this.count += 1
    return true
  }
}
