import Fastify from 'fastify'
import { sender } from './sender.ts'
import { openTables } from './tables.ts'
import type { AddressInfo } from 'node:net'

// A webhook service as someone writes it who looks at its costs: raw body, check, one prepared insert, answer.
// Without a database in its environment it stores nothing.
const tables = await openTables({ prepared: true })
const { path, isAuthentic, read } = sender()

const app = Fastify()
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
app.post(path, async (request, reply) => {
  const body = request.body as Buffer
  if (!isAuthentic(request.headers, body)) return reply.code(403).send({ received: false })
  const text = body.toString()
  const delivery = read(request.headers, JSON.parse(text))
  await tables?.insert(delivery, text)
  return { received: true }
})

process.once('SIGTERM', () => process.exit(0))
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ port: (app.server.address() as AddressInfo).port }))
