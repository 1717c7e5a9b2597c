import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { open, type Opened } from './open.ts'
import type { Test } from 'tap'
import type { Identity } from './authority.ts'

export interface TlsServer extends Opened {
  readonly host: '127.0.0.1'
  /** What clients sent inside of TLS, all together. */
  readonly received: string
  /** The server names that were asked for; false for none. */
  readonly names: readonly (string | false | null)[]
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
  const names: (string | false | null)[] = []
  let received = ''
  const server = createServer({ key, cert: chain.join('\n'), ...options }, (socket: TLSSocket) => {
    names.push(socket.servername)
    socket.on('data', (data: Buffer) => {
      received += data.toString('latin1')
      socket.write(data)
    })
    socket.on('error', () => socket.destroy())
  })
  const opened = await open(t, server)
  return {
    host: '127.0.0.1',
    port: opened.port,
    get connections() {
      return opened.connections
    },
    get open() {
      return opened.open
    },
    get received() {
      return received
    },
    names,
  }
}
