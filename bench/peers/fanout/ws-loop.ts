import { once } from 'node:events'
import { WebSocketServer } from 'ws'
import { userOf } from '../token.ts'
import { announce } from '../control.ts'
import { messageOf } from './event.ts'
import { broadcast, join } from './loop.ts'
import type { AddressInfo } from 'node:net'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/ws' })
server.on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const user = userOf(searchParams.get('token'))
  if (user === null) socket.close(1008, 'unauthorized')
  else join(socket, user)
})

await once(server, 'listening')
await announce({
  port: (server.address() as AddressInfo).port,
  publish: (seq) => broadcast(messageOf(seq)),
})
