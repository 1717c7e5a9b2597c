import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'
import { WebSocketServer } from 'ws'
import type { Identity } from './authority.ts'

export interface SipServer {
  /** `wss://localhost:port/ws` */
  readonly url: string
  readonly port: number
  /** Connections taken so far, with or without a handshake. */
  readonly connections: number
  /** WebSocket messages that came. */
  readonly messages: readonly string[]
  /** Shows another certificate from now on, in the place of this one. */
  show(identity: Pick<Identity, 'key' | 'chain'>): void
}

/**
 * A PBX as far as TLS and the WebSocket handshake go: `/ws` speaks the subprotocol `sip` alone and answers 400 to others, as
 * Asterisk does, and echoes every message. It shows exactly the chain it is given and goes with the test.
 */
export async function serveSip(
  t: Test,
  { key, chain }: Pick<Identity, 'key' | 'chain'>,
): Promise<SipServer> {
  const server = createServer({ key, cert: chain.join('\n') })
  const sockets = new Set<Socket>()
  const messages: string[] = []
  let connections = 0
  const wss = new WebSocketServer({
    server,
    path: '/ws',
    verifyClient: ({ req }, done) =>
      done(/(^|,)\s*sip\s*(,|$)/i.test(req.headers['sec-websocket-protocol'] ?? ''), 400),
    handleProtocols: () => 'sip',
  })
  wss.on('connection', (client) => {
    client.on('error', () => client.terminate())
    client.on('message', (data: Buffer) => {
      messages.push(data.toString())
      client.send(data.toString())
    })
  })
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    wss.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `wss://localhost:${port}/ws`,
    port,
    get connections() {
      return connections
    },
    messages,
    show: (other) => server.setSecureContext({ key: other.key, cert: other.chain.join('\n') }),
  }
}
