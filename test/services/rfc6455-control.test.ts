import t from 'tap'
import { close, exchange, fragments, frame, opcodes, text } from '../kit/raw-websocket.ts'
import { ask, frameCases, hello, hub, said, type FrameCase } from './rfc6455-cases.ts'

const { ping, pong } = opcodes
const full = 'x'.repeat(125)
const over = 'x'.repeat(126)

const pings: readonly FrameCase[] = [
  { name: 'an empty ping is answered', sends: [frame(ping)], hears: ['PONG'] },
  {
    name: 'a ping of 125 bytes is answered',
    sends: [frame(ping, full)],
    hears: [`PONG ${full}`],
  },
  { name: 'a ping of 126 bytes is refused', sends: [frame(ping, over)], closes: '1002' },
  {
    name: 'a ping whose length takes 16 bits is refused',
    sends: [frame(ping, 'x', { lengthBits: 16 })],
    closes: '1002',
  },
  {
    name: 'a ping in fragments is refused',
    sends: [frame(ping, 'x', { fin: false })],
    closes: '1002',
  },
  {
    name: 'sixteen pings at once are all answered, in order',
    sends: [Buffer.concat(Array.from({ length: 16 }, (_, n) => frame(ping, String(n))))],
    hears: Array.from({ length: 16 }, (_, n) => `PONG ${n}`),
  },
  { name: 'a pong nobody asked for is ignored', sends: [frame(pong), frame(pong, full)] },
  { name: 'a pong of 126 bytes is refused', sends: [frame(pong, over)], closes: '1002' },
  {
    name: 'a pong in fragments is refused',
    sends: [frame(pong, 'x', { fin: false })],
    closes: '1002',
  },
]

const echoed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
/** Registered since the RFC (IANA). */
const registered = [1012, 1013, 1014]
const refused = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
const longest = 'é'.repeat(61) + '!'

const closes: readonly FrameCase[] = [
  { name: 'a close frame without a code is answered by one', sends: [close()], closes: '' },
  ...[...echoed, ...registered].map((code) => ({
    name: `the close code ${code} comes back`,
    sends: [close(code)],
    closes: `${code}`,
  })),
  ...refused.map((code) => ({
    name: `the close code ${code} is refused`,
    sends: [close(code)],
    closes: '1002',
  })),
  {
    name: 'a close frame of one byte is refused',
    sends: [frame(opcodes.close, 'x')],
    closes: '1002',
  },
  {
    name: 'a close frame of 126 bytes is refused',
    sends: [close(1000, `${longest}?`)],
    closes: '1002',
  },
  {
    name: 'a close frame in fragments is refused',
    sends: [frame(opcodes.close, '', { fin: false })],
    closes: '1002',
  },
  {
    name: 'a reason of 123 bytes comes back',
    sends: [close(1000, longest)],
    closes: `1000 ${longest}`,
  },
  ...['ff', 'c3', 'eda080'].map((hex) => ({
    name: `a reason that is not UTF-8 (${hex}) is refused`,
    sends: [close(1000, Buffer.from(hex, 'hex'))],
    closes: '1007',
  })),
  {
    name: 'what was asked before the close frame is answered before it',
    sends: [Buffer.concat([text(ask(1)), frame(ping, 'p'), close(1001)])],
    hears: ['pong 1', 'PONG p'],
    closes: '1001',
  },
  {
    name: 'what comes behind the close frame is ignored, right or wrong',
    sends: [
      Buffer.concat([close(1000), text(ask(1)), frame(ping, 'p'), close(1001), frame(3)]),
      text(ask(2), { mask: null }),
    ],
    closes: '1000',
  },
  {
    name: 'what comes behind a wrong frame is ignored',
    sends: [Buffer.concat([frame(3), text(ask(1)), frame(ping, 'p'), close(1001)])],
    closes: '1002',
  },
]

t.test('control frames', async (t) => {
  frameCases(t, await hub(t), [...pings, ...closes])
})

t.test('a flood of pings does not harm the hub', async (t) => {
  const suite = await hub(t)
  const flood = Buffer.concat(Array.from({ length: 20_000 }, () => frame(ping, full)))
  const answer = await exchange(suite.url, { opening: [hello(suite)], next: [flood, close(1000)] })
  t.ok(said(answer).every((line) => line === `PONG ${full}` || line === 'CLOSE 1000'))
})

/** What a client leaves behind when it goes without a close frame. */
const leftovers: Readonly<Record<string, readonly Buffer[]>> = {
  nothing: [],
  'half a header': [Buffer.from([0x81])],
  'half a frame': [text(ask(1)).subarray(0, 12)],
  'half a message': fragments(ask(1), '').slice(0, 1),
}

t.test('a client that ends its side without a close frame is let go', async (t) => {
  const suite = await hub(t)
  for (const [what, next] of Object.entries(leftovers)) {
    const opening = [hello(suite)]
    const answer = await exchange(suite.url, { opening, next, finally: 'end' })
    t.strictSame(said(answer), [], what)
    t.equal(answer.end, 'end', what)
  }
})

t.test('a client that is gone at once leaves nothing behind', async (t) => {
  const suite = await hub(t)
  for (const next of Object.values(leftovers)) {
    await exchange(suite.url, { opening: [hello(suite)], next, finally: 'reset' })
  }
  await exchange(suite.url, { opening: [hello(suite).subarray(0, 40)], finally: 'reset' }).catch(
    () => t.fail('the connection did not end'),
  )
})

t.test('a client that never confirms a close is cut off', async (t) => {
  const suite = await hub(t)
  const next = [text('x'.repeat(16_385))]
  const answer = await exchange(suite.url, { opening: [hello(suite)], next })
  t.strictSame(said(answer), ['CLOSE 1009 too_large 16384'])
})
