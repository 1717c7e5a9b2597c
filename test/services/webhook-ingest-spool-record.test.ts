import * as fc from 'fast-check'
import t from 'tap'
import {
  decode,
  encode,
  frameAt,
  nextFrame,
  type Spooled,
} from '../../services/webhook-ingest/spool/record.ts'

const text = fc.string({ unit: 'binary' })
const records: fc.Arbitrary<Spooled> = fc.record({
  id: text,
  app: text,
  provider: text,
  receivedAt: text,
  sealed: fc.uint8Array({ maxLength: 300 }),
})

const strings = ({ id, app, provider, receivedAt }: Spooled) => [id, app, provider, receivedAt]

function same(one: Spooled | null | undefined, other: Spooled): boolean {
  if (!one) return false
  return (
    strings(one).join('\0') === strings(other).join('\0') &&
    Buffer.compare(one.sealed, other.sealed) === 0
  )
}

/** Every undamaged record of a log. */
function readAll(log: Buffer): (Spooled | null)[] {
  const read = []
  for (let frame = nextFrame(log, 0); frame; frame = nextFrame(log, frame.end)) {
    read.push(decode(frame.payload))
  }
  return read
}

t.test('a record comes out as it went in, alone and among others', async (t) => {
  fc.assert(
    fc.property(fc.array(records, { maxLength: 8 }), fc.nat(64), (log, zeros) => {
      const octets = Buffer.concat([...log.map(encode), Buffer.alloc(zeros)])
      const read = readAll(octets)
      return read.length === log.length && log.every((one, index) => same(read[index], one))
    }),
  )
  t.pass()
})

t.test('a record that is cut off anywhere is no record', async (t) => {
  fc.assert(
    fc.property(records, fc.nat(), fc.boolean(), (record, place, padded) => {
      const whole = encode(record)
      const kept = whole.subarray(0, place % whole.length)
      const torn = padded ? Buffer.concat([kept, Buffer.alloc(400)]) : kept
      // Where all that was lost are zeros that zeros replaced, nothing was lost.
      const intact = padded && torn.subarray(0, whole.length).equals(whole)
      return intact || frameAt(torn, 0) === null
    }),
  )
  t.pass()
})

t.test('damage costs the records it touches, no other one, and never makes one up', async (t) => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(fc.array(records, { minLength: 1, maxLength: 8 }), damage, (log, changes) => {
      const frames = log.map(encode)
      const octets = Buffer.concat(frames)
      const places = changes.map(([place, mask]): [number, number] => [place % octets.length, mask])
      const before = Buffer.from(octets)
      for (const [place, mask] of places) octets[place]! ^= mask
      let start = 0
      const untouched = log.filter((_, index) => {
        const end = start + frames[index]!.length
        const intact = octets.subarray(start, end).equals(before.subarray(start, end))
        start = end
        return intact
      })
      const read = readAll(octets)
      return (
        read.length === untouched.length && untouched.every((one, index) => same(read[index], one))
      )
    }),
    { numRuns: 1_000 },
  )
  t.pass()
})

t.test('octets that are no record of ours are none', (t) => {
  for (const payload of ['', 'x', '[]\n', '{}\n', '["a","b","c",4]\n', 'null\n', '["a"\n']) {
    t.equal(decode(Buffer.from(payload)), null, payload)
  }
  t.end()
})
