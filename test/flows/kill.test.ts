import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import t from 'tap'
import { jwtSecret, secretsKey, temporaryDir } from '../kit/build.ts'
import { seeded } from '../kit/random.ts'
import { freePort, ready, spawnService } from '../kit/process.ts'
import { post, telnyxEvent, telnyxKeys } from '../kit/sender.ts'
import { signToken } from '../kit/token.ts'
import { Progress, Watcher } from '../kit/watcher.ts'

const kills = 10
const senders = 4

t.test(
  'kill -9 at random moments loses no acknowledged delivery and repeats none',
  { timeout: 500_000 },
  async (t) => {
    const dataDir = temporaryDir(t)
    const port = await freePort()
    const environment = {
      PORT: String(port),
      DATA_DIR: dataDir,
      JWT_SECRET: jwtSecret,
      SECRETS_KEY: secretsKey,
      TELNYX_PUBLIC_KEY: telnyxKeys.publicKey,
    }
    const token = await signToken(jwtSecret)
    const seed = Date.now()
    t.comment(`seed ${seed}`)
    const random = seeded(seed)

    let process = spawnService('all-in-one', environment)
    t.teardown(() => process.child.kill('SIGKILL'))
    await ready(process)

    const acknowledged = new Progress()
    let up = Promise.resolve()
    let sending = true
    const send = async (): Promise<void> => {
      while (sending) {
        await up
        const sent = telnyxEvent({ call: randomUUID() })
        const answer = await post(process.url, sent).catch(() => null)
        if (answer?.status === 200) acknowledged.add(`telnyx:${sent.id}`)
      }
    }
    const watcher = new Watcher(process.url, token)
    const watching = watcher.run(() => up)
    await watcher.connected
    const sends = Array.from({ length: senders }, send)

    for (let kill = 0; kill < kills; kill += 1) {
      await acknowledged.reach(acknowledged.size + 5 + Math.floor(random() * 60))
      const restarted = Promise.withResolvers<void>()
      up = restarted.promise
      process.child.kill('SIGKILL')
      t.equal(await process.exited, 'SIGKILL')
      process = spawnService('all-in-one', environment)
      await ready(process)
      restarted.resolve()
    }
    await acknowledged.reach(acknowledged.size + 20)
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
    t.strictSame(
      acknowledged.items.filter((id) => !ids.has(id)),
      [],
      'nothing acknowledged is missing',
    )

    await watcher.seen.reach(rows.length)
    await watcher.stop()
    await watching
    t.strictSame(
      watcher.seen.items,
      rows.map(({ id }) => id),
      'the client saw each event exactly once, in order',
    )
    t.comment(`${acknowledged.size} acknowledged, ${rows.length} in the journal`)
    process.child.kill('SIGTERM')
    t.equal(await process.exited, 0)
  },
)

function journal(dataDir: string): { seq: number; id: string }[] {
  const db = new DatabaseSync(join(dataDir, 'switchhook.db'), { readOnly: true })
  const rows = db.prepare('select seq, id from events order by seq').all()
  db.close()
  return rows as { seq: number; id: string }[]
}
