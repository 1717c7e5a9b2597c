import { once } from 'node:events'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'
import type { Identity } from './authority.ts'

export interface TlsServer {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Connections taken so far, with or without a handshake. */
  readonly connections: number
  /** What clients sent inside of TLS, all together. */
  readonly received: string
  /** The server names that were asked for; false for none. */
  readonly names: readonly (string | false | null)[]
  /** Sockets that are still open. */
  readonly open: number
}

/**
 * A TLS server on the loopback that shows a key and exactly the chain it is given (leaf only, in wrong order, …), echoes
 * what it is told, and goes with the test.
 */
export async function serveTls(
  t: Test,
  { key, chain }: Pick<Identity, 'key' | 'chain'>,
  options: TlsOptions = {},
): Promise<TlsServer> {
  const sockets = new Set<Socket>()
  const seen = { connections: 0, received: '', names: [] as (string | false | null)[] }
  const server = createServer({ key, cert: chain.join('\n'), ...options }, (socket: TLSSocket) => {
    seen.names.push(socket.servername)
    socket.on('data', (data: Buffer) => {
      seen.received += data.toString('latin1')
      socket.write(data)
    })
    socket.on('error', () => socket.destroy())
  })
  server.on('connection', (socket: Socket) => {
    seen.connections += 1
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
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    get connections() {
      return seen.connections
    },
    get received() {
      return seen.received
    },
    get names() {
      return seen.names
    },
    get open() {
      return sockets.size
    },
  }
}
