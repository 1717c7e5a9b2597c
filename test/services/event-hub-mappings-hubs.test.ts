import t from 'tap'
import { build } from '../kit/build.ts'
import { internal } from '../kit/internal.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { agent, of, publish, supervisor } from '../contracts/hub-events.ts'
import { ProviderUsersSeen } from '../../services/event-hub/mappings/provider-users.ts'
import type { SeenUser } from '@switchhook/shared/mappings'
import type { EventData } from '@switchhook/shared/events'

t.test('whoever is mapped at one hub gets the calls under way at another', async (t) => {
  const environment = { DATABASE_URL: await emptyDatabase(t), DB_CONNECTIONS: '4' }
  const [here, there] = [await build(t, { environment }), await build(t, { environment })]
  const [jo, boss] = [await agent(there.url, 'u1'), await supervisor(there)]
  await publish(here.app, [{ callId: 'c1', ...of('A7'), from: null, to: null }])
  while ((await boss.next()).call !== 'c1');
  const path = `/apps/${here.app.directory.firstApp.id}/user-mappings`
  const body = { kind: 'provider_user', provider: 'telnyx', value: 'A7', sub: 'u1' }
  t.match(await internal(here.url, path, { method: 'PUT', body }), { status: 201 })
  for (;;) {
    const { data } = await jo.nextNamed('snapshot')
    const calls = data['calls'] as { id: string }[]
    if (calls.some(({ id }) => id === 'c1')) break
  }
  t.pass('it was told')
})

t.test('a user that is named again and again is written once an hour', async (t) => {
  const { app } = await build(t)
  const { id } = app.directory.firstApp
  let nowMs = Date.now()
  const seen = new ProviderUsersSeen(app, () => nowMs)
  t.teardown(() => seen.close())
  const named = (agentId: string): void => {
    const agent = { id: agentId, email: null, name: 'Ann' }
    const call = { id: 'c1', provider: 'dialpad', provider_ids: {} }
    seen.learn({ app: id, data: { agent, call } as unknown as EventData })
  }
  const listed = async (): Promise<readonly SeenUser[]> => {
    await seen.flush()
    return seen.unmapped(id, { limit: 20_000 })
  }
  for (let count = 0; count < 1_000; count += 1) named('77')
  const [first] = await listed()
  t.match(first, { value: '77', name: 'Ann' })
  named('77')
  t.strictSame(await listed(), [first])
  nowMs += 3_600_000
  named('77')
  const [again] = await listed()
  t.equal(again!.firstSeenAt, first!.firstSeenAt)
  t.ok(again!.lastSeenAt > first!.lastSeenAt)
  // No more wait than a batch has room for; the others are written when they are named again.
  for (let index = 0; index < 2_500; index += 1) named(`many-${index}`)
  t.equal((await listed()).length, 1_001)
  named('many-2000')
  t.equal((await listed()).length, 1_002)
  await app.mappings.put(id, [
    { kind: 'provider_user', provider: 'dialpad', value: 'mapped', sub: 'u1', team: null },
  ])
  named('mapped')
  t.equal((await listed()).length, 1_002)
})
