import { once } from 'node:events'
import { WebSocket } from 'ws'
import t from 'tap'
import { subprotocol } from '@switchhook/shared/protocol'
import { Client, connect } from '../kit/client.ts'
import {
  exchange,
  close,
  frame,
  fragments,
  handshake,
  opcodes,
  text,
} from '../kit/raw-websocket.ts'
import { ask, frameCases, hello, hub, said, type FrameCase } from './rfc6455-cases.ts'

const tooLarge = '1009 too_large 16384'

const limits: readonly FrameCase[] = [
  { name: 'a message of 16384 bytes is read', sends: [text(ask(1, 16_384))], hears: ['pong 1'] },
  {
    name: 'a message of 16385 bytes is too large',
    sends: [text(ask(1, 16_385))],
    closes: tooLarge,
  },
  {
    name: 'fragments of 16384 bytes together are read',
    sends: fragments(ask(1, 8_192), ' '.repeat(8_192)),
    hears: ['pong 1'],
  },
  {
    name: 'fragments of 16385 bytes together are too large',
    sends: fragments(ask(1, 8_192), ' '.repeat(8_193)),
    closes: tooLarge,
  },
  {
    name: 'a binary message of 16385 bytes is too large',
    sends: [frame(opcodes.binary, Buffer.alloc(16_385))],
    closes: tooLarge,
  },
  { name: 'a message of 64 KiB is too large', sends: [text(ask(1, 65_536))], closes: tooLarge },
  // Before it is read, by the process's only WebSocket server: it names no limit.
  { name: 'a message above 64 KiB is refused', sends: [text(ask(1, 65_537))], closes: '1009' },
  {
    name: 'fragments above 64 KiB together are refused',
    sends: fragments(ask(1, 40_000), ' '.repeat(40_000)),
    closes: '1009',
  },
  {
    name: 'what comes behind a message that is too large is not answered',
    sends: [Buffer.concat([text(ask(1, 16_385)), text(ask(2)), frame(opcodes.ping, 'p')])],
    closes: tooLarge,
  },
]

/** What is no message, by the code of the answer. */
const malformed: Readonly<Record<string, readonly string[]>> = {
  bad_json: [
    '',
    ' ',
    '{',
    '{"type":"ping"',
    "{'type':'ping'}",
    '{"type":"ping"}}',
    '\u0000',
    'NaN',
  ],
  bad_frame: [
    'null',
    '1',
    '"ping"',
    '[]',
    '[{"type":"ping"}]',
    '{}',
    '{"type":1}',
    '{"type":null}',
    '{"type":"ping","id":{}}',
    '{"type":"ping","id":null}',
    `{"type":"ping","id":"${'x'.repeat(65)}"}`,
    '{"type":"ping","data":"now"}',
    '{"type":"ping","data":null}',
    '['.repeat(8_000) + ']'.repeat(8_000),
  ],
}

/** What is no type that a client may send. */
const unknown = [
  '',
  'PING',
  'pong',
  'connected',
  'constructor',
  '__proto__',
  'toString',
  '☎'.repeat(99),
]

const messages: readonly FrameCase[] = [
  ...Object.entries(malformed).flatMap(([code, all]) =>
    all.map((message) => ({
      name: `${JSON.stringify(message).slice(0, 40)} is answered ${code}`,
      sends: [text(message)],
      hears: [`error ${code}`],
    })),
  ),
  ...unknown.map((type) => ({
    name: `the type '${type.slice(0, 20)}' is answered unknown_type`,
    sends: [text(JSON.stringify({ type, id: 'x' }))],
    hears: ['error unknown_type x'],
  })),
  {
    name: 'fields that nobody knows are ignored',
    sends: [text('{"type":"ping","id":1,"more":{"__proto__":{"type":"x"}},"data":{"x":[]}}')],
    hears: ['pong 1'],
  },
  {
    name: 'of a field that is there twice the last one counts',
    sends: [text('{"type":"dance","type":"ping","id":1,"id":2}')],
    hears: ['pong 2'],
  },
  {
    name: 'nine malformed messages in a minute are borne',
    sends: Array.from({ length: 9 }, () => text('{')),
    hears: Array.from({ length: 9 }, () => 'error bad_json'),
  },
  {
    name: 'the tenth malformed message in a minute ends the socket, of whatever kinds they are',
    sends: ['{', '[]', '{"type":"dance"}', '{', '[]', '{', '[]', '{', '[]', '{'].map((message) =>
      text(message),
    ),
    hears: [
      'error bad_json',
      'error bad_frame',
      'error unknown_type',
      'error bad_json',
      'error bad_frame',
      'error bad_json',
      'error bad_frame',
      'error bad_json',
      'error bad_frame',
      'error bad_json',
    ],
    closes: '4400 bad_frames',
  },
]

t.test('messages', async (t) => {
  frameCases(t, await hub(t), [...limits, ...messages])
})

t.test('what comes behind the hub’s close frame is not done', async (t) => {
  const suite = await hub(t)
  const claim = '{"type":"claim","data":{"call":"c1","action":"answer"}}'
  const last = Buffer.concat([...Array.from({ length: 10 }, () => text('{')), text(claim)])
  await exchange(suite.url, { opening: [hello(suite)], next: [last, close(1000)] })
  const client = await connect(suite.url, { token: suite.token })
  client.say(claim)
  t.match(await client.nextNamed('claimed'), { data: { granted: true } }, 'nobody else holds it')
  await client.close()
})

t.test('what comes right behind the first message, `auth`, is read too', async (t) => {
  const { url, token } = await hub(t)
  const client = new Client(new WebSocket(new URL('/ws', url.replace('http', 'ws')), subprotocol))
  await once(client.socket, 'open')
  client.say({ type: 'auth', data: { token } })
  client.say(ask('behind it'))
  t.match(await client.next(), { event: 'auth' })
  t.match(await client.next(), { event: 'connected' })
  t.match(await client.nextNamed('pong'), { id: 'behind it' })
  await client.close()
})

t.test('the first message, `auth`, has the limit of any other', async (t) => {
  const suite = await hub(t)
  const opening = [handshake({ headers: { 'Sec-WebSocket-Protocol': 'switchhook.v1' } })]
  const auth = JSON.stringify({ type: 'auth', data: { token: suite.token } }).padEnd(16_385)
  const next = [text(auth), close(1000)]
  t.strictSame(said(await exchange(suite.url, { opening, next })), [`CLOSE ${tooLarge}`])
})
