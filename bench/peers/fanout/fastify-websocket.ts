import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import { userOf } from '../token.ts'
import { announce } from '../control.ts'
import { messageOf } from './event.ts'
import { broadcast, join } from './loop.ts'
import type { AddressInfo } from 'node:net'

const app = Fastify()
await app.register(websocket)
app.get<{ Querystring: { token?: string } }>('/ws', { websocket: true }, (socket, request) => {
  const user = userOf(request.query.token ?? null)
  if (user === null) socket.close(1008, 'unauthorized')
  else join(socket, user)
})

await app.listen({ host: '127.0.0.1', port: 0 })
await announce({
  port: (app.server.address() as AddressInfo).port,
  publish: (seq) => broadcast(messageOf(seq)),
})
