import { once } from 'node:events'
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { build } from '../kit/build.ts'
import type { Client, Frame } from '../kit/client.ts'
import { publish, supervisor } from '../contracts/hub-events.ts'

/** A line on which exactly one frame is lost: the one with this number, the first time it passes. */
async function lossyLine(t: Test, target: string, seq: number): Promise<string> {
  let lost = false
  const cut = (frame: Buffer): boolean => {
    const hit = !lost && frame.includes(`"seq":${seq},"prev":`)
    lost ||= hit
    return hit
  }
  const server = createServer((client) => {
    const upstream = connectTcp(Number(new URL(target).port), '127.0.0.1')
    client.on('error', () => {}).on('close', () => upstream.destroy())
    upstream.on('error', () => {}).on('close', () => client.destroy())
    client.pipe(upstream)
    let rest = Buffer.alloc(0)
    let isOpen = false
    upstream.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      const header = rest.indexOf('\r\n\r\n')
      if (!isOpen && header === -1) return
      if (!isOpen) {
        client.write(rest.subarray(0, header + 4))
        rest = rest.subarray(header + 4)
        isOpen = true
      }
      for (let size = sizeOf(rest); size > 0 && size <= rest.length; size = sizeOf(rest)) {
        const frame = rest.subarray(0, size)
        if (!cut(frame)) client.write(frame)
        rest = rest.subarray(size)
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Of a server's frame below 64 KiB; 0 if its header is not complete. */
function sizeOf(bytes: Buffer): number {
  if (bytes.length < 2) return 0
  const short = bytes[1]! & 0x7f
  if (short < 126) return 2 + short
  return bytes.length < 4 ? 0 : 4 + bytes.readUInt16BE(2)
}

/** Applies rule 2 until it knows that many events. @returns their numbers as they were applied */
async function followTo(count: number, client: Client, epoch: string): Promise<number[]> {
  const seen: number[] = []
  let position = 0
  let asked = false
  while (seen.length < count) {
    const frame = await client.next()
    if (frame.event === 'resumed') asked = false
    const before = prevOf(frame)
    if (before > position && !asked) {
      asked = true
      client.say({ type: 'resume', data: { cursor: `${epoch}:${position}` } })
    }
    if (frame.seq === undefined || before > position || frame.seq <= position) continue
    position = frame.seq
    seen.push(position)
  }
  return seen
}

/** A head says what came last as well: it gives away what is missing before it. */
function prevOf({ event, prev, data }: Frame): number {
  return event === 'head' ? Number(data['prev'] ?? 0) : (prev ?? 0)
}

for (const lost of [1, 3, 5, 6]) {
  t.test(`the loss of frame ${lost} of six is noticed and made good`, async (t) => {
    const suite = await build(t)
    const { app, token } = suite
    const client = await supervisor({ url: await lossyLine(t, suite.url, lost), token })
    await client.nextNamed('head')
    const types = ['call.initiated', 'call.answered', 'dtmf.received'] as const
    for (const callId of ['c1', 'c2']) {
      await publish(
        app,
        types.map((type) => ({ callId, type })),
      )
    }
    const seen = await followTo(6, client, app.journal.epoch)
    t.strictSame(seen, [1, 2, 3, 4, 5, 6])
    t.ok(client.frames.some(({ replay }) => replay))
  })
}
