import t from 'tap'
import { fragments, frame, opcodes, text } from '../kit/raw-websocket.ts'
import { ask, frameCases, hub, type FrameCase } from './rfc6455-cases.ts'

const { binary, continuation, ping } = opcodes

/** Of every length in bytes, and the edges between them. */
const characters = [
  ['of one byte', 'A~\u007f'],
  ['of two bytes', '\u0080éж\u07ff'],
  ['of three bytes', '\u0800€中\ud7ff\ue000\uffff'],
  ['of four bytes', '\u{10000}😀\u{1f468}\u{200d}\u{10ffff}'],
  ['that are none (U+FFFE, U+1FFFF)', '\ufffe\u{1ffff}'],
] as const

const valid: readonly FrameCase[] = [
  ...characters.map(([what, id]) => ({
    name: `characters ${what} come back as they went`,
    sends: [text(ask(id))],
    hears: [`pong ${id}`],
  })),
  ...characters.map(([what, id]) => ({
    name: `characters ${what} may be split between fragments anywhere`,
    sends: fragments(...Array.from(Buffer.from(ask(id)), (byte) => Buffer.from([byte]))),
    hears: [`pong ${id}`],
  })),
  {
    name: 'a lone surrogate as an escape is JSON, not UTF-8',
    sends: [text('{"type":"dance \\ud83d","id":1}')],
    hears: ['error unknown_type 1'],
  },
  {
    name: 'a byte order mark is no JSON',
    sends: [text(`\ufeff${ask(1)}`)],
    hears: ['error bad_json'],
  },
]

/** Unicode 17 §3.9, table 3-7, and what is beside it. */
const invalid: Readonly<Record<string, readonly string[]>> = {
  'a lone continuation byte': ['80', 'bf'],
  'a character cut off': ['c3', 'e2', 'e282', 'f0', 'f09f', 'f09f98'],
  'a form that is too long': ['c080', 'c1bf', 'e08080', 'e09fbf', 'f0808080', 'f08fbfbf'],
  'a surrogate': ['eda080', 'edbfbf', 'eda0bdedb880'],
  'what is above U+10FFFF': ['f4908080', 'f7bfbfbf'],
  'a form of five or six bytes': ['f888808080', 'fc8480808080'],
  'a byte that never occurs': ['f5', 'fe', 'ff'],
}

const [before, behind] = [Buffer.from('{"type":"ping","id":"'), Buffer.from('"}')]

const refused: readonly FrameCase[] = Object.entries(invalid).flatMap(([what, all]) =>
  all.flatMap((hex) => {
    const bytes = Buffer.from(hex, 'hex')
    return [
      {
        name: `${what} (${hex}) is refused`,
        sends: [text(Buffer.concat([before, bytes, behind]))],
        closes: '1007',
      },
      {
        name: `${what} (${hex}) at the end is refused`,
        sends: [text(Buffer.concat([before, bytes]))],
        closes: '1007',
      },
      {
        name: `${what} (${hex}) in a fragment is refused`,
        sends: fragments(Buffer.concat([before, bytes]), behind),
        closes: '1007',
      },
    ]
  }),
)

const euro = Buffer.from('€')

const others: readonly FrameCase[] = [
  {
    name: 'a character may go on behind a ping',
    sends: [
      text(Buffer.concat([before, euro.subarray(0, 1)]), { fin: false }),
      frame(ping, 'p'),
      frame(continuation, Buffer.concat([euro.subarray(1), behind])),
    ],
    hears: ['PONG p', 'pong €'],
  },
  {
    name: 'a character does not go on in the next message',
    sends: [text(euro.subarray(0, 1)), text(euro.subarray(1))],
    closes: '1007',
  },
  {
    name: 'a binary message may be any bytes; it is answered, the socket stays',
    sends: [frame(binary, Buffer.from('fffe80', 'hex')), frame(binary), frame(binary, ask(1))],
    hears: ['error bad_frame', 'error bad_frame', 'error bad_frame'],
  },
  {
    name: 'a ping may be any bytes',
    sends: [frame(ping, Buffer.from('fffe80', 'hex'))],
    hears: [`PONG ${Buffer.from('fffe80', 'hex').toString('latin1')}`],
  },
]

t.test('UTF-8', async (t) => {
  frameCases(t, await hub(t), [...valid, ...refused, ...others])
})
