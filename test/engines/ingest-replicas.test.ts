import t from 'tap'
import { telnyx } from '@switchhook/shared/providers/telnyx'
import { build, type Suite } from '../kit/build.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { post, telnyxEvent } from '../kit/sender.ts'
import { until } from '../kit/until.ts'
import type { Test } from 'tap'

/** Three processes on one database; the first one makes its schema and app. */
async function replicas(t: Test, environment: Record<string, string> = {}): Promise<Suite[]> {
  const own = { DATABASE_URL: await emptyDatabase(t), ...environment }
  const first = await build(t, { environment: own })
  const others = await Promise.all([build(t, { environment: own }), build(t, { environment: own })])
  return [first, ...others]
}

t.test('fifty copies at once through three processes are one event', async (t) => {
  const suites = await replicas(t)
  const sent = telnyxEvent()
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => post(suites[index % 3]!.url, sent)),
  )
  t.ok(answers.every(({ status }) => status === 200))
  const accepted = answers.filter(({ body }) => body['status'] === 'accepted')
  t.equal(accepted.length, 1)
  t.strictSame(new Set(answers.map(({ body }) => String(body['events']))).size, 1, 'all name it')
  const { app } = suites[0]!
  t.equal((await app.journal.read(app.directory.firstApp.id, 0, 10)).length, 1)
})

t.test('a retired credential is refused by every process within a second', async (t) => {
  const suites = await replicas(t, { TELNYX_PUBLIC_KEY: '' })
  const [{ app }] = suites as [Suite]
  const { id } = app.directory.firstApp
  const [old, young] = [telnyx.simulator.newKeys(), telnyx.simulator.newKeys()]
  const everywhere = async ({ signingKey: key }: typeof old, status: number): Promise<boolean> => {
    const answers = await Promise.all(suites.map(({ url }) => post(url, telnyxEvent({ key }))))
    return answers.every((answer) => answer.status === status)
  }
  const settings = {}
  await app.credentials.put(id, 'telnyx', {
    credentials: [old.credential, young.credential],
    settings,
  })
  await until(() => everywhere(old, 200))
  await app.credentials.put(id, 'telnyx', { credentials: [young.credential], settings })
  await until(() => everywhere(old, 401))
  t.ok(await everywhere(young, 200), 'the other one goes on')
})
