import { WebSocket } from 'ws'

interface Client {
  readonly user: string
  readonly connectedAt: number
}

// How it is usually done: a map of sockets and a loop over it.
const clients = new Map<WebSocket, Client>()

/** Takes in a socket whose user is known, greets it, and answers its pings. */
export function join(socket: WebSocket, user: string): void {
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
}

/** Sends a message to everyone; its text is made once. */
export function broadcast(message: object): void {
  const text = JSON.stringify(message)
  for (const socket of clients.keys()) {
    if (socket.readyState === WebSocket.OPEN) socket.send(text)
  }
}
