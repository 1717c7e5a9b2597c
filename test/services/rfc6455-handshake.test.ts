import t from 'tap'
import {
  acceptOf,
  close,
  exchange,
  handshake,
  sampleKey,
  type Answer,
} from '../kit/raw-websocket.ts'
import { hello, hub, said } from './rfc6455-cases.ts'
import type { Suite } from '../kit/build.ts'
import type { Test } from 'tap'

interface HandshakeCase {
  readonly name: string
  readonly sends: (suite: Suite) => Buffer
  readonly status: number
  /** The code of the problem that explains a refusal. */
  readonly code?: string
  /** Header fields of the answer; null: it has none. */
  readonly headers?: Readonly<Record<string, string | null>>
}

const none = { 'sec-websocket-protocol': null, 'sec-websocket-extensions': null }
const modern = { ...none, 'sec-websocket-protocol': 'switchhook.v1' }
const bearer = ({ token }: Suite) => ({ Authorization: `Bearer ${token}` })

const accepted: readonly HandshakeCase[] = [
  {
    name: 'the subprotocol that is offered comes back',
    sends: hello,
    status: 101,
    headers: modern,
  },
  {
    name: 'without a subprotocol none comes back',
    sends: (suite) => handshake({ headers: bearer(suite) }),
    status: 101,
    headers: none,
  },
  ...[
    'switchhook.v1, chat',
    'chat, switchhook.v1',
    'chat , \t switchhook.v1',
    'bearer.x, chat, switchhook.v1',
  ].map((offered) => ({
    name: `of '${offered}' only ours comes back`,
    sends: (suite: Suite) => hello(suite, { 'Sec-WebSocket-Protocol': offered }),
    status: 101,
    headers: modern,
  })),
  {
    name: 'a token among the subprotocols is never echoed',
    sends: ({ token }) =>
      handshake({ headers: { 'Sec-WebSocket-Protocol': `bearer.${token}, switchhook.v1` } }),
    status: 101,
    headers: modern,
  },
  {
    name: 'subprotocols in two fields are one list',
    sends: (suite) =>
      handshake({
        headers: bearer(suite),
        lines: 'Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: switchhook.v1\r\n',
      }),
    status: 101,
    headers: modern,
  },
  ...[
    'permessage-deflate; client_max_window_bits',
    'x-webkit-deflate-frame, permessage-deflate',
    'nonsense;;=,',
  ].map((offered) => ({
    name: `the extensions '${offered}' are not taken up`,
    sends: (suite: Suite) => hello(suite, { 'Sec-WebSocket-Extensions': offered }),
    status: 101,
    headers: modern,
  })),
  {
    name: 'tokens are read in any case',
    sends: (suite) => hello(suite, { Upgrade: 'WebSocket', Connection: 'uPGRADE' }),
    status: 101,
    headers: modern,
  },
  ...['keep-alive, Upgrade', 'Upgrade,keep-alive', 'foo, upgrade , bar'].map((options) => ({
    name: `'Connection: ${options}' has the one that counts`,
    sends: (suite: Suite) => hello(suite, { Connection: options }),
    status: 101,
    headers: modern,
  })),
  {
    name: 'a target in absolute form is read',
    sends: ({ token }) => handshake({ target: `http://hub.example/ws?token=${token}` }),
    status: 101,
    headers: none,
  },
]

const needed = { upgrade: 'websocket', 'sec-websocket-accept': null }
const version13 = { ...needed, 'sec-websocket-version': '13' }

const refused: readonly HandshakeCase[] = [
  ...(
    [
      ['no key', null],
      ['an empty key', ''],
      ['a key of 15 bytes', Buffer.alloc(15).toString('base64')],
      ['a key of 17 bytes', Buffer.alloc(17).toString('base64')],
      ['a key without padding', sampleKey.slice(0, 22)],
      ['a key that is not base64', '!!!!!!!!!!!!!!!!!!!!!!=='],
      ['two keys', `${sampleKey}\r\nSec-WebSocket-Key: ${sampleKey}`],
    ] as const
  ).map(([what, key]) => ({
    name: `${what} is refused`,
    sends: (suite: Suite) => hello(suite, { 'Sec-WebSocket-Key': key }),
    status: 400,
    code: 'bad_request',
  })),
  ...['0', '7', '8', '12', '14', '255', '256', '-13', '013', '13.0', '13, 8', '', null].map(
    (version) => ({
      name: `${version === null ? 'no version' : `the version '${version}'`} is answered by ours`,
      sends: (suite: Suite) => hello(suite, { 'Sec-WebSocket-Version': version }),
      status: 426,
      code: 'unsupported_websocket_version',
      headers: version13,
    }),
  ),
  {
    name: 'a version that is there twice is answered by ours',
    sends: (suite) => hello(suite, { 'Sec-WebSocket-Version': '13\r\nSec-WebSocket-Version: 13' }),
    status: 426,
    code: 'unsupported_websocket_version',
    headers: version13,
  },
  ...(
    [
      ['no upgrade', { Upgrade: null }],
      ['an upgrade to something else', { Upgrade: 'h2c' }],
      ['an upgrade that nobody asks to pass on', { Connection: null }],
      ['an upgrade on a connection to be kept only', { Connection: 'keep-alive' }],
    ] as const
  ).map(([what, headers]) => ({
    name: `${what} is a plain request, and told what is needed`,
    sends: (suite: Suite) => hello(suite, { ...headers, Connection: 'close' }),
    status: 426,
    code: 'websocket_required',
    headers: version13,
  })),
  // RFC 9110 §7.8: an upgrade in HTTP/1.0 is to be ignored.
  {
    name: 'HTTP/1.0 is too old',
    sends: ({ token }) =>
      handshake({ version: 'HTTP/1.0', headers: { Authorization: `Bearer ${token}` } }),
    status: 426,
    headers: version13,
  },
  ...['POST', 'PUT', 'HEAD', 'OPTIONS'].map((method) => ({
    name: `a handshake with ${method} is refused`,
    sends: ({ token }: Suite) =>
      handshake({ method, headers: { Authorization: `Bearer ${token}` } }),
    status: 404,
  })),
  ...['chat', 'switchhook.v2', 'SWITCHHOOK.V1', 'bearer.x'].map((offered) => ({
    name: `the subprotocol '${offered}' is refused`,
    sends: (suite: Suite) => hello(suite, { 'Sec-WebSocket-Protocol': offered }),
    status: 400,
    code: 'unsupported_subprotocol',
  })),
  ...[
    'switchhook.v1, switchhook.v1',
    'switchhook.v1,, chat',
    'switchhook.v1,',
    ', switchhook.v1',
    'switchhook.v1 chat',
    'switchhook.v1, "chat"',
    '',
  ].map((offered) => ({
    name: `the subprotocols '${offered}' are refused`,
    sends: (suite: Suite) => hello(suite, { 'Sec-WebSocket-Protocol': offered }),
    status: 400,
    code: 'bad_request',
  })),
  {
    name: 'a path that speaks something else says so',
    sends: () => handshake({ target: '/livez' }),
    status: 426,
    code: 'websocket_not_here',
    headers: needed,
  },
  ...['/nowhere', '/ws/', '//ws', '/ws/nowhere', '/WS'].map((target) => ({
    name: `the target '${target}' is not found`,
    sends: () => handshake({ target }),
    status: 404,
  })),
]

/** What is no HTTP, or more of it than is read. */
const unreadable: readonly HandshakeCase[] = [
  ...(
    [
      ['a field that goes on in the next line', 'X-Long: a\r\n b\r\n'],
      ['a field without a name', ': x\r\n'],
      ['a space behind a name', 'X-Name : x\r\n'],
      ['a null byte', 'X-Null: a\0b\r\n'],
      ['a lone carriage return', 'X-Return: a\rb\r\n'],
      ['two hosts', 'Host: other.example\r\n'],
      ['a length and chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'],
    ] as const
  ).map(([what, lines]) => ({
    name: `${what} is refused`,
    sends: ({ token }: Suite) =>
      handshake({ headers: { Authorization: `Bearer ${token}` }, lines }),
    status: 400,
  })),
  {
    name: 'no host is refused',
    sends: (suite) => hello(suite, { Host: null }),
    status: 400,
  },
  {
    name: 'a giant field is refused',
    sends: (suite) => hello(suite, { 'X-Giant': 'x'.repeat(20_000) }),
    status: 431,
  },
  {
    name: 'a thousand fields are refused',
    sends: (suite) =>
      hello(
        suite,
        Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`X-${n}`, 'x'.repeat(20)])),
      ),
    status: 431,
  },
  {
    name: 'a giant target is refused',
    sends: () => handshake({ target: `/ws?token=${'x'.repeat(20_000)}` }),
    status: 431,
  },
  {
    name: 'what is no HTTP at all is refused',
    sends: () => Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, 13, 10, 13, 10]),
    status: 400,
  },
]

function check(t: Test, answer: Answer, { status, code, headers = {} }: HandshakeCase): void {
  t.equal(answer.status, status)
  for (const [name, value] of Object.entries(headers))
    t.equal(answer.headers.get(name), value, name)
  if (status === 101) {
    t.equal(answer.headers.get('sec-websocket-accept'), acceptOf(sampleKey))
    t.strictSame(said(answer), ['CLOSE 1000'])
  }
  if (code === undefined) return
  t.match(answer.headers.get('content-type'), /^application\/problem\+json/)
  t.match(JSON.parse(answer.body.toString()), { status, code })
}

t.test('handshakes', async (t) => {
  const suite = await hub(t)
  for (const one of [...accepted, ...refused, ...unreadable]) {
    t.test(one.name, async (t) => {
      const opening = [one.sends(suite)]
      check(t, await exchange(suite.url, { opening, next: [close(1000)] }), one)
    })
  }
})

t.test('a handshake that comes byte by byte is read', async (t) => {
  const suite = await hub(t)
  const opening = Array.from(hello(suite), (byte) => Buffer.from([byte]))
  const answer = await exchange(suite.url, { opening, next: [close(1000)] })
  t.strictSame(said(answer), ['CLOSE 1000'])
})

t.test('who has no credential, or a wrong one, is told in a close frame', async (t) => {
  const suite = await hub(t)
  const reasonFor = async (headers: Record<string, string>) =>
    said(await exchange(suite.url, { opening: [handshake({ headers })], next: [close(1000)] }))
  t.strictSame(await reasonFor({}), ['CLOSE 1008 auth_missing'])
  t.strictSame(await reasonFor({ Authorization: 'Bearer x' }), ['CLOSE 1008 auth_invalid'])
  t.strictSame(await reasonFor({ 'Sec-WebSocket-Protocol': 'switchhook.v1, bearer.x' }), [
    'CLOSE 1008 auth_invalid',
  ])
})
