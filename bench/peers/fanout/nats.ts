import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { jwtSecret } from '../token.ts'
import { announce } from '../control.ts'
import { messageOf } from './event.ts'

// nats-server with its WebSocket, which is measured, and this process, which only publishes to it. Everyone
// shares one token: its own users would be accounts in its file.
const { DATA_DIR = '', NATS_SERVER = '' } = process.env
const config = join(DATA_DIR, 'nats.conf')
writeFileSync(
  config,
  `listen: "127.0.0.1:-1"
authorization { token: "${jwtSecret}" }
websocket { listen: "127.0.0.1:-1", no_tls: true }
`,
)

// Whatever becomes of this process, the server ends with it.
const server = spawn('setpriv', ['--pdeathsig', 'KILL', NATS_SERVER, '--config', config], {
  stdio: ['ignore', 'ignore', 'pipe'],
})

/** The ports it says it listens on: of its clients, and of those over WebSocket. */
async function portsOf(lines: AsyncIterable<string>): Promise<{ nats: number; websocket: number }> {
  const ports: { nats?: number; websocket?: number } = {}
  for await (const line of lines) {
    const [, kind, port] = /Listening for (client|websocket).*:(\d+)$/.exec(line) ?? []
    if (kind === 'client') ports.nats = Number(port)
    if (kind === 'websocket') ports.websocket = Number(port)
    const { nats, websocket } = ports
    if (nats !== undefined && websocket !== undefined) return { nats, websocket }
  }
  throw new Error('nats-server ended')
}

const ports = await portsOf(createInterface({ input: server.stderr }))
server.stderr.resume()
server.once('exit', () => process.exit(1))

const publisher = connect({ host: '127.0.0.1', port: ports.nats, noDelay: true })
await once(publisher, 'data')
publisher.write(`CONNECT {"verbose":false,"auth_token":"${jwtSecret}"}\r\n`)
publisher.on('data', (bytes: Buffer) => {
  if (bytes.includes('PING')) publisher.write('PONG\r\n')
})

/** What is published in one turn reaches the server in one write: it joins what it reads together. */
function publish(seq: number): void {
  if (publisher.writableCorked === 0) {
    publisher.cork()
    process.nextTick(() => publisher.uncork())
  }
  const text = JSON.stringify(messageOf(seq))
  publisher.write(`PUB calls ${text.length}\r\n${text}\r\n`)
}

await announce({ port: ports.websocket, publish, pid: server.pid })
