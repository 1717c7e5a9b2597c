import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'
import { announce } from './control.ts'
import { messageOf } from './event.ts'
import { userOf } from './token.ts'
import type { AddressInfo } from 'node:net'

interface Client {
  readonly user: string
  readonly connectedAt: number
}

// How it is usually done: a map of sockets and a loop over it. `each` stringifies for every client, as many
// tutorials do; `once` does so outside the loop.
const clients = new Map<WebSocket, Client>()
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/ws' })

server.on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const user = userOf(searchParams.get('token'))
  if (user === null) return socket.close(1008, 'unauthorized')
  const client = { user, connectedAt: Date.now() }
  clients.set(socket, client)
  socket.on('close', () => clients.delete(socket))
  socket.on('error', () => clients.delete(socket))
  socket.on('message', (text: Buffer) => {
    const { type } = JSON.parse(text.toString()) as { type?: string }
    if (type === 'ping')
      socket.send(JSON.stringify({ event: 'pong', data: { timestamp: Date.now() } }))
  })
  const clientId = `${user}-${client.connectedAt}`
  socket.send(JSON.stringify({ event: 'connected', data: { clientId, user } }))
})

function broadcastEach(message: object): void {
  for (const socket of clients.keys()) {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }
}

function broadcastOnce(message: object): void {
  const text = JSON.stringify(message)
  for (const socket of clients.keys()) {
    if (socket.readyState === WebSocket.OPEN) socket.send(text)
  }
}

const broadcast = process.argv[2] === 'each' ? broadcastEach : broadcastOnce
await once(server, 'listening')
await announce((server.address() as AddressInfo).port, (seq) => broadcast(messageOf(seq)))
