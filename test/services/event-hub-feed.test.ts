import t from 'tap'
import { memoryBus } from '@switchhook/shared/bus'
import type { Journal, JournalRow } from '@switchhook/shared/journal'
import {
  controlFrame,
  encode,
  liveFrame,
  replayFrame,
} from '../../services/event-hub/feed/encode.ts'
import { Fanout } from '../../services/event-hub/feed/fanout.ts'
import { Ring } from '../../services/event-hub/feed/ring.ts'
import { Tail } from '../../services/event-hub/feed/tail.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function row(seq: number, data = '{"details":{}}'): JournalRow {
  const id = `telnyx:${seq}`
  return { seq, id, type: 'call.answered', time: 'T', call: 'c', late: false, data }
}

/** A member that remembers what was written to it, write by write. */
function member() {
  const writes: string[] = []
  const note = (frames: Buffer): void => void writes.push(frames.toString())
  return { writes, deliver: note }
}

t.test('the frames of a turn leave in one write, the same bytes for all', async (t) => {
  const fanout = new Fanout()
  const [one, two] = [member(), member()]
  fanout.add(one)
  fanout.add(two)
  for (const frame of ['a', 'b', 'c']) fanout.push(Buffer.from(frame), 1)
  t.strictSame(one.writes, [], 'nothing leaves within the turn')
  await turn()
  t.strictSame([one.writes, two.writes], [['abc'], ['abc']])
  fanout.push(Buffer.from('d'), 1)
  await turn()
  t.strictSame(one.writes, ['abc', 'd'], 'a lone event waits for nothing else')
})

t.test('who joins or leaves between two events gets exactly the ones in between', async (t) => {
  const fanout = new Fanout()
  const [early, late] = [member(), member()]
  fanout.add(early)
  fanout.push(Buffer.from('a'), 1)
  fanout.add(late)
  fanout.push(Buffer.from('b'), 1)
  await turn()
  await turn()
  fanout.remove(early)
  fanout.push(Buffer.from('c'), 1)
  await turn()
  t.equal(early.writes.join(''), 'ab')
  t.equal(late.writes.join(''), 'bc')
})

t.test(
  'who leaves gets nothing that has not left yet, not even in the middle of a view',
  async (t) => {
    const fanout = new Fanout()
    const members = Array.from({ length: 600 }, member)
    for (const one of members) fanout.add(one)
    fanout.push(Buffer.from('a'), 1)
    await turn()
    t.ok(fanout.pending)
    fanout.remove(members[599]!)
    for (let count = 0; count < 3; count += 1) await turn()
    t.notOk(fanout.pending)
    t.strictSame(members[598]!.writes, ['a'])
    t.strictSame(members[599]!.writes, [])
  },
)

t.test('a large view gives the loop its turn, and order holds across the slices', async (t) => {
  const fanout = new Fanout()
  const members = Array.from({ length: 600 }, member)
  for (const one of members) fanout.add(one)
  const served = (): number => members.filter(({ writes }) => writes.length > 0).length
  fanout.push(Buffer.from('a'), 1)
  await turn()
  t.equal(served(), 250)
  fanout.push(Buffer.from('b'), 1)
  await turn()
  await turn()
  t.equal(served(), 600)
  for (let count = 0; count < 3; count += 1) await turn()
  t.ok(members.every(({ writes }) => writes.join('') === 'ab'))
})

t.test('a frame is valid WebSocket at every length of its header', (t) => {
  for (const length of [1, 100, 125, 126, 127, 40_000, 65_535, 65_536, 70_000]) {
    const frame = controlFrame('x', { text: 'é'.repeat(Math.ceil(length / 2)) })
    const [first, second] = frame
    t.equal(first, 0x81)
    const size =
      second! < 126
        ? [second!, 2]
        : second === 126
          ? [frame.readUInt16BE(2), 4]
          : [Number(frame.readBigUInt64BE(2)), 10]
    t.equal(frame.length, size[0]! + size[1]!)
    t.type(JSON.parse(frame.subarray(size[1]).toString()), 'object')
  }
  t.end()
})

t.test('an event is encoded once; the view only adds its number', (t) => {
  const event = encode({ ...row(7), late: true, call: 'quote " and \u2028' }, ['calls'])
  const json = (frame: Buffer): unknown =>
    JSON.parse(frame.subarray(frame[1]! < 126 ? 2 : 4).toString())
  const common = {
    event: 'call-answered',
    seq: 7,
    id: 'telnyx:7',
    time: 'T',
    call: 'quote " and \u2028',
  }
  t.strictSame(json(liveFrame(event, 3)), { ...common, prev: 3, late: true, data: { details: {} } })
  t.strictSame(json(replayFrame(event, 6)), {
    ...common,
    prev: 6,
    replay: true,
    late: true,
    data: { details: {} },
  })
  t.end()
})

t.test('a frame never outgrows 64 KiB, whatever a provider sent', (t) => {
  const huge = JSON.stringify({ state: null, details: { payload: 'x'.repeat(200_000) } })
  const frame = liveFrame(encode(row(1, huge), ['calls']), 0)
  t.ok(frame.length < 65_536)
  t.match(frame.subarray(4).toString(), /"details":\{\},"truncated":true/)
  t.end()
})

t.test('the ring keeps the newest events within both limits', (t) => {
  const byCount = new Ring({ maxEvents: 3, maxBytes: 1e6 })
  const seqs = (ring: Ring, after: number) => ring.after(after, 100)?.map(({ seq }) => seq) ?? null
  t.equal(seqs(byCount, 0), null)
  for (let seq = 1; seq <= 5_000; seq += 1) byCount.push(encode(row(seq), ['calls']))
  t.strictSame(seqs(byCount, 4_997), [4_998, 4_999, 5_000])
  t.strictSame(seqs(byCount, 4_999), [5_000])
  t.strictSame(seqs(byCount, 5_000), [])
  t.equal(seqs(byCount, 4_996), null, 'it does not reach back that far')
  t.strictSame(byCount.after(4_997, 2)?.length, 2)
  const byBytes = new Ring({ maxEvents: 100, maxBytes: 250 })
  for (let seq = 1; seq <= 10; seq += 1) byBytes.push(encode(row(seq), ['calls']))
  const kept = byBytes.after(9, 100)
  t.equal(kept?.length, 1)
  t.equal(byBytes.after(0, 100), null)
  t.end()
})

/** A journal that holds numbers up to `head`, and can be made to fail. */
function fakeJournal() {
  const state = { head: 0, fails: 0, reads: 0 }
  const journal = {
    heads: async () => new Map([['app', state.head]]),
    read: async (_app: string, after: number, limit: number) => {
      state.reads += 1
      if (state.fails > 0) {
        state.fails -= 1
        throw new Error('the store is away')
      }
      const count = Math.min(limit, state.head - after)
      return Array.from({ length: count }, (_, index) => row(after + 1 + index))
    },
  } as unknown as Journal
  return { state, journal }
}

async function startTail(state: { head: number }, journal: Journal) {
  const bus = memoryBus((error) => {
    throw error
  })
  const emitted: number[] = []
  const errors: unknown[] = []
  const emit = ({ seq }: JournalRow): void => void emitted.push(seq)
  const onError = (error: unknown): void => void errors.push(error)
  const tail = await Tail.start({ app: 'app', journal, bus, emit, onError })
  const publish = (...seqs: number[]): void => {
    state.head = Math.max(state.head, ...seqs)
    bus.publish(
      'app',
      seqs.map((seq) => row(seq)),
    )
  }
  return { tail, publish, emitted, errors }
}

t.test('a tail emits every number once, whatever the bus loses, repeats or swaps', async (t) => {
  const { state, journal } = fakeJournal()
  state.head = 10
  const { tail, publish, emitted } = await startTail(state, journal)
  t.equal(tail.position, 10)
  publish(11)
  publish(11, 12)
  publish(15)
  await tail.reach(15)
  publish(14, 13)
  publish(2_000)
  await tail.reach(2_000)
  t.strictSame(
    emitted,
    Array.from({ length: 1_990 }, (_, index) => index + 11),
  )
  tail.stop()
  publish(2_001)
  t.equal(tail.position, 2_000, 'a stopped tail hears nothing')
})

t.test(
  'a tail that cannot read the journal waits for the next head, and loses nothing',
  async (t) => {
    const { state, journal } = fakeJournal()
    const { tail, publish, emitted, errors } = await startTail(state, journal)
    state.fails = 1
    publish(2)
    await t.rejects(tail.reach(2))
    t.ok(errors.length > 0)
    tail.noticeHead(2)
    await tail.reach(2)
    publish(3)
    t.strictSame(emitted, [1, 2, 3])
  },
)

t.test('readers that wait for the same numbers share the reading', async (t) => {
  const { state, journal } = fakeJournal()
  const { tail } = await startTail(state, journal)
  state.head = 400
  await Promise.all(Array.from({ length: 50 }, () => tail.reach(400)))
  t.equal(state.reads, 1)
})
