import { randomBytes, randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  openSpool,
  type Damage,
  type Spool,
  type Spooled,
} from '@switchhook/services/webhook-ingest/spool'
import { decode, encode, nextFrame } from '../../services/webhook-ingest/spool/record.ts'
import { temporaryDir } from '../kit/build.ts'
import { cleanEnvironment } from '../kit/process.ts'
import { seeded } from '../kit/random.ts'

const mebibyte = 1_048_576
let made = 0

function record(length = 100): Spooled {
  made += 1
  return {
    id: randomUUID(),
    app: 'a1',
    provider: 'telnyx',
    receivedAt: new Date(1_790_000_000_000 + made).toISOString(),
    sealed: randomBytes(length),
  }
}

const several = (count: number, length?: number): Spooled[] =>
  Array.from({ length: count }, () => record(length))

interface Opened {
  readonly spool: Spool
  readonly damages: Damage[]
}

async function opened(t: Test, dir: string, limit = 8 * mebibyte): Promise<Opened> {
  const damages: Damage[] = []
  const spool = await openSpool({ dir, limit, onDamage: (damage) => damages.push(damage) })
  t.teardown(() => spool.close())
  return { spool, damages }
}

/** Drains everything. */
async function drain(spool: Spool, most = 200): Promise<Spooled[]> {
  const drained: Spooled[] = []
  for (let portion = await spool.read(most); portion; portion = await spool.read(most)) {
    drained.push(...portion.records)
    await spool.drained(portion)
  }
  return drained
}

const idsOf = (records: readonly Spooled[]): string[] => records.map(({ id }) => id)

const segmentsIn = (dir: string): string[] =>
  readdirSync(dir).filter((name) => name.endsWith('.spool'))

t.test('what goes in comes out in its order, over many segments and a restart', async (t) => {
  const dir = temporaryDir(t)
  const records = several(300, 10_000)
  const first = await opened(t, dir)
  for (let at = 0; at < records.length; at += 7) {
    const group = records.slice(at, at + 7)
    t.strictSame(await first.spool.append(group), { count: group.length, refusal: null })
  }
  t.ok(segmentsIn(dir).length > 1)
  t.equal(first.spool.records, 300)
  t.equal(first.spool.oldestAt, records[0]!.receivedAt)
  t.equal(first.spool.bytes, Buffer.concat(records.map(encode)).length)
  const portion = await first.spool.read(50)
  t.strictSame(idsOf(portion!.records), idsOf(records.slice(0, 50)))
  await first.spool.drained(portion!)
  await first.spool.close()

  const { spool, damages } = await opened(t, dir)
  t.equal(spool.records, 250)
  t.equal(spool.oldestAt, records[50]!.receivedAt)
  t.strictSame(await drain(spool), records.slice(50))
  t.match(spool, { records: 0, bytes: 0, oldestAt: null, empty: true, accepting: true })
  t.equal(segmentsIn(dir).length, 1, 'the drained ones are gone')
  t.strictSame(damages, [])
})

t.test('it goes round for ever: drained room is used again', async (t) => {
  const dir = temporaryDir(t)
  const { spool } = await opened(t, dir, mebibyte)
  for (let round = 0; round < 20; round += 1) {
    const records = several(30, 5_000)
    t.equal((await spool.append(records)).count, 30)
    t.strictSame(idsOf(await drain(spool)), idsOf(records))
  }
})

t.test('only we can read it, and nobody else writes to it', async (t) => {
  const dir = join(temporaryDir(t), 'deep', 'spool')
  const { spool } = await opened(t, dir)
  await spool.append([record()])
  await spool.setAside(record())
  t.equal(statSync(dir).mode & 0o777, 0o700)
  for (const name of readdirSync(dir)) t.equal(statSync(join(dir, name)).mode & 0o777, 0o600, name)
  await t.rejects(opened(t, dir), /another Switchhook process uses .*spool.*own DATA_DIR/)
  await spool.close()
  t.equal((await opened(t, dir)).spool.records, 1)
})

t.test('a full one refuses, keeps what it has and takes more when it has drained', async (t) => {
  const dir = temporaryDir(t)
  const { spool } = await opened(t, dir, mebibyte)
  const kept: Spooled[] = []
  let refusal: string | null = null
  while (refusal === null) {
    const records = several(10, 9_000)
    const answer = await spool.append(records)
    kept.push(...records.slice(0, answer.count))
    refusal = answer.refusal
  }
  t.match(refusal, 'SPOOL_LIMIT')
  t.notOk(spool.accepting)
  t.ok(kept.length > 90)
  const size = segmentsIn(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0)
  t.ok(size <= mebibyte)
  t.equal((await spool.append([record(9_000)])).count, 0)
  t.strictSame(idsOf(await drain(spool)), idsOf(kept))
  t.ok(spool.accepting)
  t.equal((await spool.append([record(9_000)])).count, 1)
})

t.test('one larger than a segment gets a segment of its size', async (t) => {
  const { spool } = await opened(t, temporaryDir(t), 8 * mebibyte)
  const records = [record(), record(3 * mebibyte), record()]
  t.equal((await spool.append(records)).count, 3)
  t.strictSame(idsOf(await drain(spool)), idsOf(records))
  t.match(await spool.append([record(9 * mebibyte)]), { count: 0, refusal: /SPOOL_LIMIT/ })
})

t.test('the end of a write that a crash cut off is cut off, at every octet', async (t) => {
  const dir = temporaryDir(t)
  const first = await opened(t, dir, mebibyte)
  const [whole, torn] = [several(3), record(60)]
  await first.spool.append([...whole, torn])
  await first.spool.close()
  const file = join(dir, segmentsIn(dir)[0]!)
  const content = readFileSync(file)
  const length = encode(torn).length
  const start = content.lastIndexOf(encode(torn).subarray(0, 12))
  const places = Array.from({ length: length - 1 }, (_, index) => index).filter(
    (place) => place % 5 === 0 || place < 14,
  )
  for (const place of places) {
    writeFileSync(file, Buffer.from(content).fill(0, start + place, start + length))
    const { spool, damages } = await opened(t, dir, mebibyte)
    t.equal(spool.records, 3)
    if (place > 0) t.match(damages, [{ kind: 'unfinished', file: null }])
    const next = record()
    await spool.append([next])
    const portion = await spool.read(10)
    t.strictSame(idsOf(portion!.records), idsOf([...whole, next]))
    await spool.close()
  }
})

t.test('a damaged record is kept aside, aloud, and those around it are served', async (t) => {
  const dir = temporaryDir(t)
  const first = await opened(t, dir, mebibyte)
  const records = several(40, 20_000)
  await first.spool.append(records)
  await first.spool.close()
  // In the head, in the checksum, in the sealed octets, at the end; and one at the end of a segment that is full.
  const { spool, damages } = await damagedBy(t, dir, (content) => {
    for (const [index, place] of [
      [2, 5],
      [4, 9],
      [6, 200],
      [8, 19_999],
    ] as const) {
      const at = content.indexOf(encode(records[index]!))
      if (at >= 0) content[at + place]! ^= 0x40
    }
    let last = nextFrame(content, 0)
    for (let next = last; next; next = nextFrame(content, next.end)) last = next
    if (content.indexOf(encode(records.at(-1)!)) === -1) content[last!.end - 1]! ^= 0x40
  })
  const served = idsOf(await drain(spool))
  const missing = records.filter(({ id }) => !served.includes(id))
  t.strictSame(
    served,
    idsOf(records).filter((id) => served.includes(id)),
  )
  t.ok(missing.length >= 5)
  t.equal(damages.length, missing.length)
  for (const { kind, file, bytes } of damages) {
    t.equal(kind, 'damaged')
    t.equal(statSync(file!).size, bytes)
  }
  t.match(spool, { records: 0, empty: true })
})

async function damagedBy(t: Test, dir: string, damage: (content: Buffer) => void): Promise<Opened> {
  for (const name of segmentsIn(dir)) {
    const content = readFileSync(join(dir, name))
    damage(content)
    writeFileSync(join(dir, name), content)
  }
  return opened(t, dir, mebibyte)
}

t.test('whatever is damaged, nothing false is served and nothing sound is lost', async (t) => {
  const seed = Date.now()
  t.comment(`seed ${seed}`)
  const random = seeded(seed)
  for (let round = 0; round < 40; round += 1) {
    const dir = temporaryDir(t)
    const first = await opened(t, dir, mebibyte)
    const records = Array.from({ length: 60 }, () => record(Math.floor(random() * 12_000)))
    await first.spool.append(records)
    await first.spool.close()
    const sound = new Set<string>()
    const { spool } = await damagedBy(t, dir, (content) => {
      const used = content.length - Math.floor(content.length * random() * 0.3)
      for (let count = 0; count < 1 + random() * 5; count += 1) {
        const [at, length] = [Math.floor(random() * used), Math.floor(random() * 300)]
        randomBytes(length).copy(content, at)
      }
      for (let frame = nextFrame(content, 64); frame; frame = nextFrame(content, frame.end)) {
        sound.add(decode(frame.payload)!.id)
      }
    })
    const served = await drain(spool)
    t.ok(served.every((one) => records.some((other) => encode(one).equals(encode(other)))))
    t.strictSame(new Set(idsOf(served)), sound)
    await spool.append([records[0]!])
    t.strictSame(idsOf(await drain(spool)), [records[0]!.id])
    await spool.close()
  }
})

t.test('a segment of another version is left alone', async (t) => {
  const dir = temporaryDir(t)
  const { spool } = await opened(t, dir)
  await spool.close()
  const file = join(dir, segmentsIn(dir)[0]!)
  const content = readFileSync(file)
  content.write('SHSPOOL2')
  writeFileSync(file, content)
  await t.rejects(opened(t, dir), /another version of Switchhook/)
})

const kills = 25

t.test('kill -9 at random moments takes nothing acknowledged', { timeout: 500_000 }, async (t) => {
  const dir = temporaryDir(t)
  const seed = Date.now()
  t.comment(`seed ${seed}`)
  const random = seeded(seed)
  let waiting: string[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    const said = await untilKilled(dir, 20 + Math.floor(random() * 800))
    const forgotten = new Set(said.filter((one) => one.startsWith('-')).map((one) => one.slice(1)))
    const acknowledged = said.filter((one) => one.startsWith('+')).map((one) => one.slice(1))
    waiting = [...waiting, ...acknowledged].filter((id) => !forgotten.has(id))
    const { spool, damages } = await opened(t, dir, 4 * mebibyte)
    const found = await contentOf(spool)
    const expected = new Set(waiting)
    t.strictSame(
      found.filter((id) => expected.has(id)),
      waiting,
      'all of it, in its order',
    )
    t.strictSame(
      damages.filter(({ kind }) => kind === 'damaged'),
      [],
    )
    // What was written and not yet acknowledged counts from now on.
    waiting = found.filter((id) => !forgotten.has(id))
    await spool.close()
  }
})

/** What a writer said before it was killed, after so many lines. */
async function untilKilled(dir: string, lines: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'webhook-ingest-spool-writer.ts')
  const child = spawn(process.execPath, [script, dir, String(4 * mebibyte)], {
    env: cleanEnvironment({}),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (output.split('\n').length > lines) child.kill('SIGKILL')
  })
  await once(child, 'close')
  // A line that was cut off was still written after the fact it tells.
  return output.split('\n').filter((one) => one.length === 37)
}

/** Ids of all that waits, without draining it: the next process does that. */
async function contentOf(spool: Spool): Promise<string[]> {
  const portion = await spool.read(100_000)
  if (!portion) return []
  if (portion.records.length === spool.records) return idsOf(portion.records)
  const all = await drain(spool)
  await spool.append(all)
  return idsOf(all)
}
