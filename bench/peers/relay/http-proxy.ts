import httpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import { announce } from '../control.ts'
import type { AddressInfo } from 'node:net'

const upstream = process.env['UPSTREAM'] ?? ''
const app = Fastify()
await app.register(httpProxy, {
  upstream: upstream.replace('ws:', 'http:'),
  websocket: true,
  wsClientOptions: { perMessageDeflate: false },
})

await app.listen({ host: '127.0.0.1', port: 0 })
await announce({ port: (app.server.address() as AddressInfo).port })
