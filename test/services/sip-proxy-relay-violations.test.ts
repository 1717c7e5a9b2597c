import t from 'tap'
import { fragments, frame, opcodes, text } from '../kit/raw-websocket.ts'
import { spliced } from '../kit/sip/spliced.ts'
import { until } from '../kit/until.ts'

const plain = { mask: null }

const violations: Record<string, { octets: Buffer; code: number; reason: string }> = {
  'a frame without a mask': {
    octets: text('x', plain),
    code: 1002,
    reason: 'a frame is not masked',
  },
  'reserved bits': { octets: text('x', { rsv: 4 }), code: 1002, reason: 'reserved bits are set' },
  'an unknown opcode': { octets: frame(3, 'x'), code: 1002, reason: 'an opcode is unknown' },
  'an unknown control opcode': {
    octets: frame(11, 'x'),
    code: 1002,
    reason: 'a control frame is malformed',
  },
  'a long ping': {
    octets: frame(opcodes.ping, 'x'.repeat(126)),
    code: 1002,
    reason: 'a control frame is malformed',
  },
  'a fragmented ping': {
    octets: frame(opcodes.ping, 'x', { fin: false }),
    code: 1002,
    reason: 'a control frame is malformed',
  },
  'a continuation of nothing': {
    octets: frame(opcodes.continuation, 'x'),
    code: 1002,
    reason: 'fragments are out of order',
  },
  'a message within a message': {
    octets: Buffer.concat([text('x', { fin: false }), text('y')]),
    code: 1002,
    reason: 'fragments are out of order',
  },
  'a message that is announced as too large': {
    octets: text('x', { claims: 65_537n, lengthBits: 64 }),
    code: 1009,
    reason: 'too_large 65536',
  },
  'a message of 2^40 octets': {
    octets: text('x', { claims: 2n ** 40n, lengthBits: 64 }),
    code: 1009,
    reason: 'too_large 65536',
  },
  'a message that becomes too large': {
    octets: Buffer.concat(fragments('x'.repeat(40_000), 'y'.repeat(40_000))),
    code: 1009,
    reason: 'too_large 65536',
  },
  'sixty-five fragments': {
    octets: Buffer.concat(fragments(...Array.from({ length: 65 }, () => 'x'))),
    code: 1008,
    reason: 'too_many_fragments',
  },
}

for (const [what, { octets, code, reason }] of Object.entries(violations)) {
  t.test(`${what} of a browser ends the connection`, async (t) => {
    const { browser, upstream, endings } = await spliced(t)
    browser.socket.write(Buffer.concat([text('before'), octets, text('after')]))
    t.strictSame(await browser.said(), { code, reason })
    await until(() => upstream.over)
    t.strictSame(
      upstream.messages,
      ['before'],
      'what came before has gone on, what came after has not',
    )
    browser.socket.end()
    upstream.socket.end()
    await until(() => endings.length === 1)
    t.strictSame(endings, [{ by: 'proxy', code }])
  })
}
