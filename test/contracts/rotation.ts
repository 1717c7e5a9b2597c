import { build, secretsKey, temporaryDir, type Suite } from '../kit/build.ts'
import { connect, connectable, shown } from '../kit/dialpad/suite.ts'
import { internal } from '../kit/internal.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { until } from '../kit/until.ts'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import type { Test } from 'tap'

const newKey = Buffer.alloc(32, 8).toString('base64')
const own = telnyx.simulator.newKeys()

/** What `/metrics` says a series is now. */
async function metric({ url }: Suite, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text()
  const line = text.split('\n').find((one) => one.startsWith(name))
  return Number(line?.split(' ').at(-1))
}

/**
 * A `SECRETS_KEY` is replaced by another one, over a store that outlives the processes.
 * @param environment where the store is; `DATA_DIR` is added
 */
export async function rotationContract(
  t: Test,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const dataDir = temporaryDir(t)
  const started = (keys: string, log: (line: string) => void = () => {}): Promise<Suite> =>
    build(t, { dataDir, log, environment: { ...environment, SECRETS_KEY: keys } })

  const before = await started(secretsKey)
  const { id } = before.app.directory.firstApp
  const provider = `/apps/${id}/providers/telnyx`
  await internal(before.url, provider, { method: 'PUT', body: { credentials: [own.credential] } })
  const event = telnyxEvent({ key: own.signingKey })
  t.match(await post(before.url, event), { status: 200, body: { status: 'accepted' } })
  const list = (await internal(before.url, '/deliveries')).body as { items: { id: string }[] }
  const path = `/deliveries/${list.items[0]!.id}`
  const delivery = (await internal(before.url, path)).body
  await before.app.close()

  const at = { ...environment, DATA_DIR: dataDir }
  const dialpad = await connectable(t, { environment: { ...at, SECRETS_KEY: secretsKey } })
  await connect(dialpad)
  t.match(await shown(dialpad), { status: 'connected' })
  await dialpad.app.close()

  const lines: string[] = []
  const during = await started(`${newKey},${secretsKey}`, (line) => lines.push(line))
  t.match(await post(during.url, telnyxEvent({ key: own.signingKey, call: 'during' })), {
    status: 200,
  })
  await until(async () => (await metric(during, 'switchhook_resealing_pending')) === 0)
  t.ok(lines.some((line) => line.includes('older ones may go')))
  for (const table of ['provider_credentials', 'connections', 'deliveries']) {
    t.ok((await metric(during, `switchhook_resealed_total{table="${table}"`)) > 0, table)
  }
  await during.app.close()

  const after = await started(newKey)
  t.strictSame((await internal(after.url, path)).body, delivery, 'what came is still there')
  t.match(await post(after.url, telnyxEvent({ key: own.signingKey, call: 'after' })), {
    status: 200,
    body: { status: 'accepted' },
  })
  t.match(await (await fetch(new URL('/health', after.url))).json(), {
    checks: { sealing: { status: 'ok' } },
  })
  await after.app.close()

  const url = { DIALPAD_BASE_URL: `${dialpad.server.url}/` }
  const renewed = await connectable(t, { environment: { ...at, ...url, SECRETS_KEY: newKey } })
  const tokens = dialpad.server.count('POST /oauth2/token')
  for (const clock of [dialpad.clock, renewed.clock]) clock.nowMs += 3_600_000
  t.type(await renewed.dialpad.accessToken(id), 'string')
  t.equal(dialpad.server.count('POST /oauth2/token'), tokens + 1, 'with the token of before')
}
