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
  const seen = new Set<number>()
  let lost = 0
  const loses = (text: string): boolean => {
    const { event, seq } = JSON.parse(text) as { event: string; seq?: number }
    if (event === 'head') step.resolve()
    if (seq === undefined || seen.has(seq)) return false
    seen.add(seq)
    if (seq % one !== 2) return false
    lost += 1
    return true
  }
  server.on('connection', (near, { url = '', headers }) => {
    const protocols = (headers['sec-websocket-protocol'] ?? '')
      .split(',')
      .map((name) => name.trim())
    const far = new WebSocket(new URL(url, base.replace('http', 'ws')), protocols)
    far.on('message', (data: Buffer) => loses(data.toString()) || near.send(data.toString()))
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
      return lost
    },
    inStep: () => step.promise,
  }
}
