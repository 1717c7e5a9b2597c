import { closeSync, openSync, writeSync } from 'node:fs'
import {
  defaultSettings,
  type Keys,
  type Provider,
  type SignedDelivery,
} from '@switchhook/shared/providers'

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
  const { simulator, name } = provider
  const signing = () => ({
    signingKey: keys.signingKey,
    nowSeconds: Math.floor(Date.now() / 1000),
    url: `http://127.0.0.1/webhooks/${name}`,
    settings: defaultSettings(provider),
  })
  const descriptor = openSync(file, 'w')
  let written = 0
  while (written < count) {
    const call = simulator.sampleCall({ random: Math.random, startMs: Date.now() - 600_000 })
    for (const { content } of call) {
      const request = requestOf(simulator.sign(content, signing()))
      const length = Buffer.alloc(4)
      length.writeUInt32BE(request.length)
      writeSync(descriptor, Buffer.concat([length, request]))
    }
    written += call.length
  }
  closeSync(descriptor)
}

function requestOf({ method, url, headers: signed, body }: SignedDelivery): Buffer {
  const headers = { host: '127.0.0.1', 'content-length': body.length, ...signed }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `${method} ${new URL(url).pathname} HTTP/1.1\r\n${lines.join('')}\r\n`
  return Buffer.concat([Buffer.from(head), body])
}
