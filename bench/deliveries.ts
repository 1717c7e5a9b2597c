import { closeSync, openSync, writeSync } from 'node:fs'
import type { Keys, Provider } from '@switchhook/shared/providers'

/** What is to be written. */
interface Order {
  readonly provider: Provider
  readonly keys: Keys
  readonly count: number
}

/**
 * Writes whole calls, signed now and with fresh ids, as ready HTTP requests: a length of four bytes, then the
 * request. All peers of a repetition get the same ones, each with an empty store.
 */
export function writeDeliveries(file: string, { provider, keys, count }: Order): void {
  const { simulator } = provider
  const descriptor = openSync(file, 'w')
  let written = 0
  while (written < count) {
    const call = simulator.sampleCall({ random: Math.random, startMs: Date.now() - 600_000 })
    for (const { body } of call) {
      const signed = simulator.sign(body, keys.signingKey, Math.floor(Date.now() / 1000))
      const request = requestOf(provider.name, signed, body)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(request.length)
      writeSync(descriptor, Buffer.concat([length, request]))
    }
    written += call.length
  }
  closeSync(descriptor)
}

function requestOf(provider: string, signed: Record<string, string>, body: Buffer): Buffer {
  const headers = { host: '127.0.0.1', 'content-length': body.length, ...signed }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `POST /webhooks/${provider} HTTP/1.1\r\n${lines.join('')}\r\n`
  return Buffer.concat([Buffer.from(head), body])
}
