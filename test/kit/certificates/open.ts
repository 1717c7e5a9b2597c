import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Test } from 'tap'

/** A server that listens on the loopback. */
export interface Opened {
  readonly port: number
  /** Connections taken so far, with or without a handshake. */
  readonly connections: number
  /** Sockets that are still open. */
  readonly open: number
}

/** Has a TLS server listen on a free port of the loopback; it goes with the test. */
export async function open(t: Test, server: Server): Promise<Opened> {
  const sockets = new Set<Socket>()
  let connections = 0
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
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
  }
}
