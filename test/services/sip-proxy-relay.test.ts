import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  string,
} from 'fast-check'
import t from 'tap'
import { setImmediate as turn } from 'node:timers/promises'
import { spliced, socketPair } from '../kit/sip/spliced.ts'
import { close, fragments, frame, opcodes, text } from '../kit/raw-websocket.ts'
import { until } from '../kit/until.ts'
import type { Side, Watch } from '../../services/sip-proxy/relay/contract.ts'

const plain = { mask: null }
const register = 'REGISTER sip:example.com SIP/2.0\r\nCall-ID: 1\r\n\r\n'
const answer = 'SIP/2.0 200 OK\r\nCall-ID: 1\r\n\r\n'

/** Wants what begins so, and keeps it. */
function watching(beginning: string) {
  const seen: [Side, string][] = []
  let closed = 0
  const watch: Watch = {
    wants: (_from, octets) => octets.toString('latin1').startsWith(beginning),
    see: (from, message) => seen.push([from, message.toString('latin1')]),
    closed: () => void (closed += 1),
  }
  return { watch, seen, closed: () => closed }
}

t.test('what either side sends arrives octet by octet as it was sent', async (t) => {
  const { browser, upstream } = await spliced(t)
  const up = Buffer.concat([text(register), frame(opcodes.ping, 'a'), ...fragments('a', 'b', 'c')])
  const down = Buffer.concat([text(answer, plain), frame(opcodes.binary, 'é', plain)])
  browser.socket.write(up)
  upstream.socket.write(down)
  await upstream.has(up.length)
  await browser.has(down.length)
  t.ok(upstream.octets.equals(up))
  t.ok(browser.octets.equals(down))
})

t.test('what came with the handshake goes first', async (t) => {
  const heads = { browser: text('early '), upstream: text('welcome', plain) }
  const { browser, upstream } = await spliced(t, { heads })
  browser.socket.write(text('late'))
  await until(() => upstream.messages.length === 2 && browser.messages.length === 1)
  t.strictSame(upstream.messages, ['early ', 'late'])
  t.strictSame(browser.messages, ['welcome'])
})

const piece = oneof(
  record({
    kind: constant('message' as const),
    parts: array(constantFrom('', 'x', register, answer, 'y'.repeat(130), 'z'.repeat(3_000)), {
      minLength: 1,
      maxLength: 4,
    }),
    between: boolean(),
  }),
  record({ kind: constant('ping' as const), payload: string({ maxLength: 20 }) }),
)

t.test('whatever the chunks, messages that are wanted are seen whole', async (t) => {
  await assert(
    asyncProperty(
      array(piece, { minLength: 1, maxLength: 6 }),
      array(integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 40 }),
      async (pieces, sizes) => {
        const { watch, seen } = watching('REGISTER ')
        const ends: (() => unknown)[] = []
        const { browser, upstream } = await spliced(
          { teardown: (end) => void ends.push(end) },
          { watch },
        )
        const sent: string[] = []
        const octets = Buffer.concat(
          pieces.flatMap((one) => {
            if (one.kind === 'ping') return [frame(opcodes.ping, one.payload)]
            sent.push(one.parts.join(''))
            const [first, ...others] = fragments(...one.parts)
            return [first!, ...(one.between ? [frame(opcodes.pong, 'p')] : []), ...others]
          }),
        )
        let at = 0
        for (let index = 0; at < octets.length; index += 1) {
          const size = sizes[index % sizes.length]!
          browser.socket.write(octets.subarray(at, at + size))
          at += size
          await turn()
        }
        await upstream.has(octets.length)
        const isWhole = upstream.octets.equals(octets)
        for (const end of ends) await end()
        const wanted = sent.filter((message) => message.startsWith('REGISTER '))
        return (
          isWhole &&
          JSON.stringify(seen) === JSON.stringify(wanted.map((message) => ['browser', message]))
        )
      },
    ),
    { numRuns: 60 },
  )
  t.pass()
})

t.test('every octet may be a chunk of its own, from either side', async (t) => {
  const { watch, seen } = watching('')
  const { browser, upstream } = await spliced(t, { watch })
  const down = Buffer.concat([text('q'.repeat(300), plain), text(answer, plain), text('', plain)])
  for (const octet of down) {
    upstream.socket.write(Buffer.from([octet]))
    await turn()
  }
  await browser.has(down.length)
  t.ok(browser.octets.equals(down))
  t.strictSame(
    seen.map(([, message]) => message),
    ['q'.repeat(300), answer, ''],
  )
})

t.test('a broken upstream is told to the browser as a failure of the upstream', async (t) => {
  const { browser, upstream } = await spliced(t)
  upstream.socket.write(text('masked'))
  t.strictSame(await browser.said(), { code: 1011, reason: 'upstream_broken a frame is masked' })
  t.strictSame(await upstream.said(), { code: 1001, reason: '' })
})

t.test('a goodbye passes, with its code, and both sockets end', async (t) => {
  const { watch, closed } = watching('REGISTER')
  const { browser, upstream, endings, relay } = await spliced(t, { watch })
  browser.socket.write(close(4_321, 'done'))
  t.strictSame(await upstream.said(), { code: 4_321, reason: 'done' })
  upstream.socket.end(frame(opcodes.close, Buffer.from([0x10, 0xe1]), plain))
  t.equal((await browser.said()).code, 4_321)
  await browser.ended()
  browser.socket.end()
  await until(() => endings.length === 1)
  t.strictSame(endings, [{ by: 'browser', code: 4_321 }])
  t.equal(closed(), 1)
  t.equal(relay.size, 0)
})

t.test(
  'an upstream that says goodbye and waits is answered, and neither socket stays',
  async (t) => {
    const { browser, upstream, endings } = await spliced(t)
    upstream.socket.write(frame(opcodes.close, Buffer.from([0x03, 0xe8]), plain))
    t.equal((await browser.said()).code, 1000)
    browser.socket.write(close(1000))
    t.equal((await upstream.said()).code, 1000)
    await until(() => endings.length === 1)
    t.strictSame(endings, [{ by: 'upstream', code: 1000 }])
  },
)

t.test('an upstream that is cut is told to the browser', async (t) => {
  const { browser, upstream, endings } = await spliced(t)
  upstream.socket.resetAndDestroy()
  t.strictSame(await browser.said(), { code: 1011, reason: 'upstream_gone' })
  browser.socket.end()
  await until(() => endings.length === 1)
  t.strictSame(endings, [{ by: 'upstream', code: 1006 }])
})

t.test('a browser that is cut does not leave its upstream behind', async (t) => {
  const { browser, upstream, endings } = await spliced(t)
  browser.socket.resetAndDestroy()
  t.strictSame(await upstream.said(), { code: 1001, reason: '' })
  await upstream.ended()
  await until(() => endings.length === 1)
  t.strictSame(endings, [{ by: 'browser', code: 1006 }])
})

t.test('in the middle of a message nothing is put: the socket is cut', async (t) => {
  const { browser, upstream } = await spliced(t)
  upstream.socket.write(text('half of a long message', plain).subarray(0, 9))
  await browser.has(9)
  upstream.socket.resetAndDestroy()
  await browser.ended()
  t.equal(browser.goodbye, null)
})

t.test('sockets that were gone before are not kept', async (t) => {
  const [left, right] = [await socketPair(t), await socketPair(t)]
  const { relay } = await spliced(t)
  left.near.destroy()
  await until(() => left.near.closed)
  const head = Buffer.alloc(0)
  relay.add({
    browser: { socket: left.near, head },
    upstream: { socket: right.near, head },
    watch: null,
    rewrite: null,
  })
  t.equal(relay.size, 2)
  await until(() => relay.size === 1)
})

t.test(
  'a browser that does not read holds its upstream, within the buffers of the sockets',
  async (t) => {
    const { browser, upstream } = await spliced(t)
    browser.socket.pause()
    const message = text('m'.repeat(60_000), plain)
    let written = 0
    // Until the upstream's own kernel takes no more for a while.
    for (let quiet = 0; quiet < 200; quiet += 1) {
      if (!upstream.socket.writableNeedDrain) {
        upstream.socket.write(message)
        written += 1
        quiet = 0
      }
      await turn()
    }
    t.ok(written < 1_000, `${written} messages were taken`)
    browser.socket.resume()
    await browser.has(written * message.length)
    t.equal(browser.messages.length, written)
  },
)

t.test('too many messages end the connection', async (t) => {
  const { browser } = await spliced(t, { terms: { messageRate: 1, messageBurst: 10 } })
  browser.socket.write(Buffer.concat(Array.from({ length: 11 }, () => text('x'))))
  t.strictSame(await browser.said(), { code: 1008, reason: 'rate_limited' })
})

t.test('so do too many pings', async (t) => {
  const { browser, upstream } = await spliced(t, { terms: { messageRate: 1, messageBurst: 10 } })
  browser.socket.write(Buffer.concat(Array.from({ length: 11 }, () => frame(opcodes.ping, 'x'))))
  t.strictSame(await browser.said(), { code: 1008, reason: 'rate_limited' })
  await upstream.ended()
})

t.test('both sides are pinged, and what answers us goes no further', async (t) => {
  const { browser, upstream } = await spliced(t, { terms: { heartbeatMs: 10, lookMs: 10 } })
  await until(() => browser.pings.length > 0 && upstream.pings.length > 0)
  t.equal(browser.pings[0], 'switchhook')
  browser.socket.write(
    Buffer.concat([frame(opcodes.pong, 'switchhook'), frame(opcodes.pong, 'other')]),
  )
  upstream.socket.write(
    Buffer.concat([text('x', plain), frame(opcodes.pong, 'switchhook', plain), text('y', plain)]),
  )
  await until(() => upstream.pongs.length > 0 && browser.messages.length === 2)
  t.strictSame(upstream.pongs, ['other'])
  t.strictSame(browser.messages, ['x', 'y'])
  t.strictSame(browser.pongs, [])
})

t.test('what is rewritten goes on frame by frame, the rest between', async (t) => {
  const { watch, seen } = watching('REGISTER')
  const rewrite = {
    rewrite: (from: Side, message: Buffer) =>
      message.length === 0 ? null : Buffer.from(`${from}:${message.toString('latin1')}`, 'latin1'),
  }
  const { browser, upstream } = await spliced(t, { rewrite, watch })
  browser.socket.write(
    Buffer.concat([
      ...fragments('REGISTER ', 'sip:x'),
      frame(opcodes.ping, 'p'),
      text(''),
      text('l'.repeat(300)),
    ]),
  )
  upstream.socket.write(Buffer.concat([text(answer, plain), text('m'.repeat(65_500), plain)]))
  await until(() => upstream.messages.length === 3 && browser.messages.length === 2)
  t.strictSame(upstream.messages, ['browser:REGISTER sip:x', '', `browser:${'l'.repeat(300)}`])
  t.strictSame(upstream.pings, ['p'])
  t.strictSame(browser.messages, [`upstream:${answer}`, `upstream:${'m'.repeat(65_500)}`])
  t.strictSame(seen, [['browser', 'REGISTER sip:x']])
  browser.socket.write(close(1000, 'bye'))
  t.strictSame(await upstream.said(), { code: 1000, reason: 'bye' })
})

t.test('what cannot be rewritten goes on as it is', async (t) => {
  const rewrite = (): never => {
    throw new Error('rewrite failed')
  }
  const { browser, upstream, failures } = await spliced(t, { rewrite: { rewrite } })
  browser.socket.write(text(register))
  await until(() => upstream.messages.length === 1)
  t.strictSame(upstream.messages, [register])
  t.equal(failures.length, 1)
})

t.test('a watch that fails disturbs nothing', async (t) => {
  const fail = (): never => {
    throw new Error('watch failed')
  }
  const { browser, upstream, failures, relay } = await spliced(t, {
    watch: { wants: () => true, see: fail, closed: fail },
  })
  browser.socket.write(text(register))
  await until(() => upstream.messages.length === 1)
  t.equal(failures.length, 1)
  t.strictSame(relay.messages, { browser: 1, upstream: 0 })
})
