import t from 'tap'
import { fragments, frame, opcodes, text } from '../kit/raw-websocket.ts'
import { Walker } from '../../services/sip-proxy/relay/walk.ts'

/** A direction that writes down what passes. */
function direction() {
  const seen: string[] = []
  const walker = new Walker(
    { masked: true, messageBytes: 1_000 },
    {
      wants: (beginning) => !beginning.toString().startsWith('no'),
      message: (_opcode, payload) => void seen.push(payload.toString()),
      passed: () => void seen.push('passed'),
      control: (opcode, payload) => seen.push(`${opcode} ${payload.toString()}`) === 0,
    },
  )
  return { walker, seen }
}

t.test('directions whose messages come in pieces at the same time do not mix', (t) => {
  const directions = Array.from({ length: 5 }, (_, index) => {
    const own = `${index}`.repeat(20 + index)
    const octets = Buffer.concat([
      text(own),
      frame(opcodes.ping, own),
      ...fragments(own.slice(0, 7), own.slice(7, 9), own.slice(9)),
      text(`no ${own}`),
      text(own),
    ])
    return { ...direction(), own, octets, passed: [] as Buffer[] }
  })
  const longest = Math.max(...directions.map(({ octets }) => octets.length))
  for (let at = 0; at < longest; at += 1) {
    for (const { walker, octets, passed } of directions) {
      // Its own memory: what is read into is read into again.
      passed.push(walker.walk(Buffer.from(octets.subarray(at, at + 1))))
    }
  }
  for (const { walker, seen, own, octets, passed } of directions) {
    t.ok(Buffer.concat(passed).equals(octets))
    const wanted = [own, 'passed']
    t.strictSame(seen, [...wanted, `9 ${own}`, ...wanted, 'passed', ...wanted])
    t.strictSame([walker.atBoundary, walker.closed, walker.fault], [true, false, null])
  }
  t.end()
})
