import { closeSync, openSync, writeSync } from 'node:fs'
import { telnyx } from '@switchhook/shared/providers/telnyx'

const simulator = telnyx.simulator

/** What signs the deliveries of a run, and what servers check them with. */
export const keys = simulator.newKeyPair()

/**
 * Writes whole calls, signed now and with fresh ids, as ready HTTP requests: a length of four bytes, then the
 * request. All peers of a repetition get the same ones, each with an empty store.
 */
export function writeDeliveries(file: string, count: number): void {
  const descriptor = openSync(file, 'w')
  let written = 0
  while (written < count) {
    const call = simulator.sampleCall({ random: Math.random, startMs: Date.now() - 600_000 })
    for (const { body } of call) {
      const request = requestOf(body)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(request.length)
      writeSync(descriptor, Buffer.concat([length, request]))
    }
    written += call.length
  }
  closeSync(descriptor)
}

function requestOf(body: Buffer): Buffer {
  const signed = simulator.sign(body, keys.privateKey, Math.floor(Date.now() / 1000))
  const headers = { host: '127.0.0.1', 'content-length': body.length, ...signed }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([
    Buffer.from(`POST /webhooks/telnyx HTTP/1.1\r\n${lines.join('')}\r\n`),
    body,
  ])
}
