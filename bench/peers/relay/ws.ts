import { once } from 'node:events'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import { announce } from '../control.ts'
import type { AddressInfo } from 'node:net'

// How it is usually done: a socket of each library side, and what one says the other one sends.
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  handleProtocols: () => 'sip',
})
server.on('connection', (browser) => {
  const upstream = new WebSocket(process.env['UPSTREAM'] ?? '', 'sip', { perMessageDeflate: false })
  const early: [RawData, boolean][] = []
  browser.on('message', (data, binary) => {
    if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary })
    else early.push([data, binary])
  })
  upstream.on('open', () => {
    for (const [data, binary] of early.splice(0)) upstream.send(data, { binary })
  })
  upstream.on('message', (data, binary) => browser.send(data, { binary }))
  for (const [one, other] of [
    [browser, upstream],
    [upstream, browser],
  ] as const) {
    one.on('error', () => other.close())
    one.on('close', () => other.close())
  }
})

await once(server, 'listening')
await announce({ port: (server.address() as AddressInfo).port })
