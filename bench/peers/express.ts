import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import express from 'express'
import { WebSocket, WebSocketServer } from 'ws'
import { sender } from './sender.ts'
import { openTables } from './tables.ts'
import { userOf } from './token.ts'
import type { AddressInfo } from 'node:net'

type WithRawBody = IncomingMessage & { rawBody?: Buffer }

// A webhook service as it is usually written: check, look up, insert, update, tell everybody, answer. Without a
// database in its environment it stores nothing.
const tables = await openTables({ prepared: false })
const { path, isAuthentic, read } = sender()
const clients = new Set<WebSocket>()

const app = express()
app.use(
  express.json({
    limit: '2mb',
    verify: (request: WithRawBody, _response, raw) => void (request.rawBody = raw),
  }),
)
app.post(path, async (request, response) => {
  const { rawBody = Buffer.alloc(0) } = request as WithRawBody
  if (!isAuthentic(request.headers, rawBody)) return response.sendStatus(403)
  const delivery = read(request.headers, request.body)
  const { id, type, payload } = delivery
  if (await tables?.has(id)) return response.json({ received: true, duplicate: true })
  await tables?.insert(delivery, JSON.stringify(payload))
  await tables?.upsert(delivery)
  broadcast({ event: type.replaceAll('.', '-'), data: { id, ...payload } })
  return response.json({ received: true })
})

function broadcast(message: object): void {
  for (const client of clients) {
    if (client.readyState === WebSocket.OPEN) client.send(JSON.stringify(message))
  }
}

// As long as Fastify's: otherwise it hangs up between two visits.
const server = createServer({ keepAliveTimeout: 72_000 }, app)
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
