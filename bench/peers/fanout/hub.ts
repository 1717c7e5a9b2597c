import { loadConfig } from '@switchhook/shared/config'
import { allInOne, Config } from '@switchhook/services/all-in-one'
import { loggerOptions } from '@switchhook/services/log'
import { createServer } from '@switchhook/services/server'
import { announce } from '../control.ts'
import { rowOf } from './event.ts'
import type { AddressInfo } from 'node:net'

// The suite as it is, with its store, journal, bus and authentication; only the bus is fed by us and not by the
// ingest, whose signatures would cost more than the fan-out that is measured here.
const config = loadConfig(Config, { environment: process.env })
const app = createServer({ log: loggerOptions({ level: 'warn', pii: 'masked' }), trustProxy: [] })
await allInOne(app, { config, publicUrl: 'http://127.0.0.1' })
await app.listen({ host: '127.0.0.1', port: 0 })

const { id } = app.directory.firstApp
let published = 0
// The journal knows nothing of these events: as far as the hub is told, it does.
const heads = app.journal.heads.bind(app.journal)
app.journal.heads = async (apps) => new Map([...(await heads(apps)), [id, published]])

await announce({
  port: (app.server.address() as AddressInfo).port,
  publish(seq) {
    published = seq
    app.bus.publish(id, [rowOf(seq)])
  },
})
