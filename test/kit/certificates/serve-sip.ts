import { createServer } from 'node:https'
import { WebSocketServer } from 'ws'
import { open, type Opened } from './open.ts'
import type { Test } from 'tap'
import type { Identity } from './authority.ts'

export interface SipServer extends Omit<Opened, 'open'> {
  /** `wss://localhost:port/ws` */
  readonly url: string
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
  const messages: string[] = []
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
  const opened = await open(t, server)
  t.teardown(() => wss.close())
  return {
    url: `wss://localhost:${opened.port}/ws`,
    port: opened.port,
    get connections() {
      return opened.connections
    },
    messages,
    show: (other) => server.setSecureContext({ key: other.key, cert: other.chain.join('\n') }),
  }
}
