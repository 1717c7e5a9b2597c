import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import express from 'express'
import { WebSocket, WebSocketServer } from 'ws'
import { openTables, type Delivery } from './tables.ts'
import { telnyxVerifier } from './telnyx.ts'
import { userOf } from './token.ts'
import type { AddressInfo } from 'node:net'

type WithRawBody = IncomingMessage & { rawBody?: Buffer }

// A webhook service as it is usually written: check, look up, insert, update, tell everybody, answer. Without a
// file as its argument it stores nothing.
const [, , file] = process.argv
const tables = file === undefined ? null : openTables(file)
const isAuthentic = telnyxVerifier(process.env['TELNYX_PUBLIC_KEY'] ?? '')
const clients = new Set<WebSocket>()

const app = express()
app.use(
  express.json({
    limit: '2mb',
    verify: (request: WithRawBody, _response, raw) => void (request.rawBody = raw),
  }),
)
app.post('/webhooks/telnyx', (request, response) => {
  const { rawBody = Buffer.alloc(0) } = request as WithRawBody
  if (!isAuthentic(request.headers, rawBody)) return response.sendStatus(403)
  const { data } = request.body as { data: Delivery }
  if (tables?.has(data.id)) return response.json({ received: true, duplicate: true })
  tables?.save(data)
  broadcast({ event: data.event_type.replaceAll('.', '-'), data })
  return response.json({ received: true })
})

function broadcast(message: object): void {
  for (const client of clients) {
    if (client.readyState === WebSocket.OPEN) client.send(JSON.stringify(message))
  }
}

const server = createServer(app)
new WebSocketServer({ server, path: '/ws' }).on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  if (userOf(searchParams.get('token')) === null) return socket.close(1008, 'unauthorized')
  clients.add(socket)
  socket.on('close', () => clients.delete(socket))
  socket.on('error', () => clients.delete(socket))
  socket.send(JSON.stringify({ event: 'connected', data: {} }))
})

process.once('SIGTERM', () => process.exit(0))
await once(server.listen(0, '127.0.0.1'), 'listening')
console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }))
