import { randomBytes, randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openSpool, type Spooled } from '@switchhook/services/webhook-ingest/spool'

// A process to be killed: it appends as fast as it can and now and then drains a little. It says `+id` of what it
// acknowledged, and `-id` of what it is about to forget.
const [dir, limit] = process.argv.slice(2) as [string, string]
const spool = await openSpool({ dir, limit: Number(limit), onDamage: () => {} })

const say = (sign: '+' | '-', records: readonly Spooled[]): void =>
  void writeSync(1, records.map(({ id }) => `${sign}${id}\n`).join(''))

const record = (): Spooled => ({
  id: randomUUID(),
  app: 'a1',
  provider: 'telnyx',
  receivedAt: new Date().toISOString(),
  sealed: randomBytes(Math.floor(Math.random() * 20_000)),
})

async function drainSome(): Promise<void> {
  const portion = await spool.read(100)
  if (!portion) return
  say('-', portion.records)
  await spool.drained(portion)
}

for (let round = 0; ; round += 1) {
  const records = Array.from({ length: 1 + Math.floor(Math.random() * 20) }, record)
  const { count } = await spool.append(records)
  say('+', records.slice(0, count))
  if (count < records.length || round % 40 === 39) {
    while (!spool.empty) await drainSome()
  } else if (round % 7 === 6) await drainSome()
}
