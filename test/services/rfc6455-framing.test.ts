import t from 'tap'
import { close, exchange, fragments, frame, opcodes, text } from '../kit/raw-websocket.ts'
import { ask, frameCases, hello, hub, said, type FrameCase } from './rfc6455-cases.ts'

const { binary, continuation, ping, pong } = opcodes

const lengths: readonly FrameCase[] = [
  ...[125, 126, 127, 200, 16_384].map((bytes) => ({
    name: `a message of ${bytes} bytes is read`,
    sends: [text(ask(bytes, bytes))],
    hears: [`pong ${bytes}`],
  })),
  // §5.2 binds who sends; a reader may be lenient.
  {
    name: 'a length in 16 bits that needs 7 is read',
    sends: [text(ask(1), { lengthBits: 16 })],
    hears: ['pong 1'],
  },
  {
    name: 'a length in 64 bits that needs 7 is read',
    sends: [text(ask(1), { lengthBits: 64 })],
    hears: ['pong 1'],
  },
  {
    name: 'a length in 64 bits that needs 16 is read',
    sends: [text(ask(1, 300), { lengthBits: 64 })],
    hears: ['pong 1'],
  },
  ...[2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n].map((claims) => ({
    name: `a claimed length of ${claims} bytes is refused before they come`,
    sends: [text('', { claims })],
    closes: '1009',
  })),
]

const masking: readonly FrameCase[] = [
  ...(
    [
      ['00000000', 'of zeroes'],
      ['ffffffff', 'of ones'],
      ['00ff00ff', 'of both'],
    ] as const
  ).map(([mask, what]) => ({
    name: `a mask ${what} is one`,
    sends: [text(ask(1, 203), { mask: Buffer.from(mask, 'hex') })],
    hears: ['pong 1'],
  })),
  ...Object.entries(opcodes).map(([name, opcode]) => ({
    name: `an unmasked ${name} frame is refused`,
    sends: [
      ...(opcode === continuation ? [text('', { fin: false })] : []),
      frame(opcode, '', { mask: null }),
    ],
    closes: '1002',
  })),
]

const reserved: readonly FrameCase[] = [
  ...[1, 2, 3, 4, 5, 6, 7].map((rsv) => ({
    name: `reserved bits ${rsv.toString(2).padStart(3, '0')} are refused`,
    sends: [text(ask(1), { rsv })],
    closes: '1002',
  })),
  {
    name: 'reserved bits of a ping are refused',
    sends: [frame(ping, '', { rsv: 4 })],
    closes: '1002',
  },
  {
    name: 'reserved bits of a continuation are refused',
    sends: [text('', { fin: false }), frame(continuation, '', { rsv: 4 })],
    closes: '1002',
  },
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
    name: `the reserved opcode ${opcode} is refused`,
    sends: [text(ask(1)), frame(opcode, 'x')],
    hears: ['pong 1'],
    closes: '1002',
  })),
]

const message = ask('f')
const half = Math.floor(message.length / 2)
const [begin, end] = [message.slice(0, half), message.slice(half)]

const fragmentation: readonly FrameCase[] = [
  ...[2, 3, message.length, 64].map((count) => ({
    name: `a message in ${count} fragments is one message`,
    sends: fragments(...inParts(message, count)),
    hears: ['pong f'],
  })),
  {
    name: 'a message in more fragments than 64 is refused',
    sends: fragments(...inParts(message, 65)),
    closes: '1008',
  },
  {
    name: 'fragments of one segment are one message',
    sends: [Buffer.concat(fragments(begin, end))],
    hears: ['pong f'],
  },
  {
    name: 'empty fragments add nothing',
    sends: fragments('', begin, '', end, ''),
    hears: ['pong f'],
  },
  {
    name: 'a message of empty fragments is an empty one',
    sends: fragments('', '', ''),
    hears: ['error bad_json'],
  },
  {
    name: 'control frames between fragments are answered first',
    sends: between(fragments(begin, end), [frame(ping, 'p'), frame(pong, 'q')]),
    hears: ['PONG p', 'pong f'],
  },
  {
    name: 'a close frame between fragments ends the socket',
    sends: between(fragments(begin, end), [close(1000)]),
    closes: '1000',
  },
  {
    name: 'a binary message in fragments is answered once',
    sends: [frame(binary, 'a', { fin: false }), frame(continuation, 'b')],
    hears: ['error bad_frame'],
  },
  ...[true, false].map((fin) => ({
    name: `a continuation of nothing is refused, ${fin ? 'a last one' : 'one with more to come'}`,
    sends: [frame(continuation, 'x', { fin })],
    closes: '1002',
  })),
  {
    name: 'a continuation of a complete message is refused',
    sends: [...fragments(begin, end), frame(continuation, 'x')],
    hears: ['pong f'],
    closes: '1002',
  },
  ...[['text', 1] as const, ['binary', 2] as const].map(([name, opcode]) => ({
    name: `a new ${name} message among fragments is refused`,
    sends: [text(begin, { fin: false }), frame(opcode, '{}')],
    closes: '1002',
  })),
]

const segments: readonly FrameCase[] = [
  {
    name: 'many frames of one segment are answered in order',
    sends: [
      Buffer.concat([1, 2, 3, 4, 5, 6, 7].flatMap((id) => [text(ask(id)), frame(ping, 'p')])),
    ],
    hears: [1, 2, 3, 4, 5, 6, 7].flatMap((id) => [`pong ${id}`, 'PONG p']),
  },
  {
    name: 'frames that come byte by byte are read',
    sends: bytesOf(Buffer.concat([text(ask(1)), text(ask(2, 130)), frame(ping, 'p')])),
    hears: ['pong 1', 'pong 2', 'PONG p'],
  },
  ...(
    [
      ['with a length of 7 bits', frame(ping, 'payload'), ['PONG payload']],
      ['with a length of 16 bits', text(ask(1), { lengthBits: 16 }), ['pong 1']],
      ['with a length of 64 bits', text(ask(1), { lengthBits: 64 }), ['pong 1']],
    ] as const
  ).flatMap(([what, whole, hears]) =>
    Array.from({ length: whole.length - 1 }, (_, index) => ({
      name: `a frame ${what}, cut behind byte ${index + 1}, is read`,
      sends: [whole.subarray(0, index + 1), whole.subarray(index + 1)],
      hears,
    })),
  ),
]

function inParts(whole: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    index < count - 1 ? whole.slice(index, index + 1) : whole.slice(index),
  )
}

function between([first, ...rest]: Buffer[], inserted: readonly Buffer[]): Buffer[] {
  return [first!, ...inserted, ...rest]
}

function bytesOf(whole: Buffer): Buffer[] {
  return Array.from(whole, (byte) => Buffer.from([byte]))
}

t.test('frames', async (t) => {
  const suite = await hub(t)
  frameCases(t, suite, [...lengths, ...masking, ...reserved, ...fragmentation, ...segments])
})

t.test('first frames may come with the handshake', async (t) => {
  const suite = await hub(t)
  const frames = [text(ask(1)), frame(ping, 'p'), text(ask(2)), close(1000)]
  const together = Buffer.concat([hello(suite), ...frames])
  t.strictSame(said(await exchange(suite.url, { opening: [together] })), [
    'pong 1',
    'PONG p',
    'pong 2',
    'CLOSE 1000',
  ])
})
