import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t from 'tap'
import { jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { connect, type Client } from '../kit/client.ts'
import { freePort, ready, spawnService, type Running } from '../kit/process.ts'
import { post, telnyxEvent, telnyxKeys } from '../kit/sender.ts'
import { signToken } from '../kit/token.ts'

const kills = 10
const senders = 4

t.test('kill -9 at random moments loses no acknowledged delivery and repeats none', async (t) => {
  const dataDir = temporaryDir(t)
  const port = await freePort()
  const environment = {
    PORT: String(port),
    DATA_DIR: dataDir,
    JWT_SECRET: jwtSecret,
    SECRETS_KEY: secretsKey,
    TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
    LOG_LEVEL: 'warn',
  }
  const token = await signToken(jwtSecret)
  const seed = Date.now()
  t.comment(`seed ${seed}`)
  const random = seeded(seed)

  let process = spawnService('all-in-one', environment)
  t.teardown(() => process.child.kill('SIGKILL'))
  await ready(process)

  const acknowledged = new Set<string>()
  let sending = true
  const send = async (): Promise<void> => {
    while (sending) {
      const sent = telnyxEvent({ call: randomUUID() })
      const answer = await post(process.url, sent).catch(() => null)
      if (answer?.status === 200) acknowledged.add(`telnyx:${sent.id}`)
    }
  }
  const watcher = new Watcher(process.url, token)
  const watching = watcher.run()
  const sends = Array.from({ length: senders }, send)

  for (let kill = 0; kill < kills; kill += 1) {
    const target = acknowledged.size + 5 + Math.floor(random() * 60)
    await until(() => acknowledged.size >= target)
    process.child.kill('SIGKILL')
    t.equal(await process.exited, 'SIGKILL')
    process = await restart(environment)
  }
  await until(() => acknowledged.size >= kills * 5 + 20)
  sending = false
  await Promise.all(sends)

  const rows = journal(dataDir)
  t.strictSame(
    rows.map(({ seq }) => seq),
    rows.map((_, index) => index + 1),
    'no hole',
  )
  t.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'no event twice')
  const ids = new Set(rows.map(({ id }) => id))
  t.strictSame([...acknowledged].filter((id) => !ids.has(id)), [], 'nothing acknowledged is missing')

  await watcher.reach(rows.length)
  await watching
  t.strictSame(
    watcher.seen,
    rows.map(({ id }) => id),
    'the client saw each event exactly once, in order',
  )
  t.comment(`${acknowledged.size} acknowledged, ${rows.length} in the journal`)
  process.child.kill('SIGTERM')
  t.equal(await process.exited, 0)
})

async function restart(environment: Record<string, string>): Promise<Running> {
  const next = spawnService('all-in-one', environment)
  await ready(next)
  return next
}

function journal(dataDir: string): { seq: number; id: string }[] {
  const db = new DatabaseSync(join(dataDir, 'switchhook.db'), { readOnly: true })
  const rows = db.prepare('select seq, id from events order by seq').all()
  db.close()
  return rows as { seq: number; id: string }[]
}

/** A client that only keeps its cursor, and comes back with it after every loss. */
class Watcher {
  readonly seen: string[] = []
  readonly #url: string
  readonly #token: string
  #cursor: string | undefined
  #position = 0
  #target = Infinity

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  async run(): Promise<void> {
    while (this.#position < this.#target) {
      const cursor = this.#cursor === undefined ? {} : { cursor: this.#cursor }
      const client = await connect(this.#url, { token: this.#token, modern: true, ...cursor }).catch(
        () => null,
      )
      if (client) await this.#follow(client).catch(() => {})
      else await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async reach(position: number): Promise<void> {
    this.#target = position
    await until(() => this.#position >= position)
  }

  async #follow(client: Client): Promise<void> {
    let epoch = ''
    while (this.#position < this.#target) {
      const { event, seq, prev, id, data } = await client.next()
      if (event === 'connected') {
        epoch = String(data['head']).split(':')[0]!
        this.#cursor ??= `${epoch}:0`
      }
      if (event === 'resync') throw new Error(`resync ${String(data['reason'])}`)
      if (seq === undefined) continue
      if (prev !== this.#position) throw new Error(`${prev} does not follow ${this.#position}`)
      this.#position = seq
      this.#cursor = `${epoch}:${seq}`
      this.seen.push(id!)
    }
    await client.close()
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 60 s')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A small seeded generator (mulberry32), so that a failure can be played again. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
