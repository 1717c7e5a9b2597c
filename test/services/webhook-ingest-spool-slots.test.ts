import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openDirectory } from '@switchhook/shared/directory'
import { createSealing } from '@switchhook/shared/sealing'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import { normalise } from '../../services/webhook-ingest/normalise.ts'
import { openAbandonedSpools, openOwnSpool } from '../../services/webhook-ingest/spool/slots.ts'
import { build, secretsKey, temporaryDir } from '../kit/build.ts'
import { telnyxEvent } from '../kit/sender.ts'
import { storeAt } from '../kit/store.ts'
import { until } from '../kit/until.ts'

const spoolOptions = (dataDir: string) => ({ dataDir, limit: 4_194_304, onDamage: () => {} })

t.test('processes that share a directory have a spool each', async (t) => {
  const dataDir = temporaryDir(t)
  const first = await openOwnSpool(spoolOptions(dataDir))
  const second = await openOwnSpool(spoolOptions(dataDir))
  t.strictSame(readdirSync(dataDir).toSorted(), ['spool', 'spool-2'])
  await first.close()
  const third = await openOwnSpool(spoolOptions(dataDir))
  t.strictSame(readdirSync(dataDir).toSorted(), ['spool', 'spool-2'], 'the first is free again')
  await Promise.all([second.close(), third.close()])
})

t.test('who looks for spools that were left behind keeps its own to itself', async (t) => {
  const dataDir = temporaryDir(t)
  const own = await openOwnSpool(spoolOptions(dataDir))
  t.strictSame(await openAbandonedSpools(spoolOptions(dataDir)), [])
  const writer = join(import.meta.dirname, 'webhook-ingest-spool-writer.ts')
  const child = spawn(process.execPath, [writer, join(dataDir, 'spool'), '4194304'])
  t.teardown(() => child.kill('SIGKILL'))
  const wrote = once(child.stdout, 'data').then(() => 'it wrote into it')
  const ended = once(child, 'exit').then(([code]) => code as number)
  t.equal(await Promise.race([wrote, ended]), 1, 'another process is kept out')
  await own.close()
})

t.test('what a process left behind is drained by another one', async (t) => {
  const dataDir = temporaryDir(t)
  const store = await storeAt(t, { dataDir })
  const app = (await openDirectory(store)).firstApp.id
  await store.close()
  const held = await openOwnSpool(spoolOptions(dataDir))
  const gone = await openOwnSpool(spoolOptions(dataDir))
  const sealing = createSealing([Buffer.from(secretsKey, 'base64')])
  const sent = Array.from({ length: 3 }, () => telnyxEvent())
  const records = sent.map(({ headers, body }) => {
    const delivery = { method: 'POST', url: '', headers, body } as const
    const receivedAt = new Date().toISOString()
    return normalise({ app, provider: telnyx, delivery, receivedAt }, sealing)
  })
  t.match(await gone.append(records), { count: 3, refusal: null })
  await Promise.all([held.close(), gone.close()])
  const suite = await build(t, { dataDir })
  const rows = () => suite.app.journal.read(app, 0, 10)
  await until(async () => (await rows()).length === 3)
  const ids = (await rows()).map(({ id }) => id)
  t.strictSame(
    ids,
    sent.map(({ id }) => `telnyx:${id}`),
  )
})
