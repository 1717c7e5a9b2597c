import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { userOf } from '../token.ts'
import { announce } from '../control.ts'
import { messageOf } from './event.ts'
import type { AddressInfo } from 'node:net'

// As its guide shows it: a middleware that knows the user, and one `emit` for everybody.
const http = createServer()
const io = new Server(http, { transports: ['websocket'], serveClient: false })
io.use((socket, next) => {
  const { token } = socket.handshake.auth as { token?: string }
  const user = userOf(token ?? null)
  if (user === null) return next(new Error('unauthorized'))
  socket.data = { user, connectedAt: Date.now() }
  next()
})

await once(http.listen(0, '127.0.0.1'), 'listening')
await announce({
  port: (http.address() as AddressInfo).port,
  publish: (seq) => io.emit('call', messageOf(seq)),
})
