import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { storeWithApps } from '../kit/apps.ts'
import { build, temporaryDir, type Suite } from '../kit/build.ts'
import { send, type Answer } from '../kit/sender.ts'
import { deliveryOf, type Fixture, type ProviderFixtures } from './provider-fixtures.ts'
import type { Test } from 'tap'
import type { EventData } from '@switchhook/shared/events'
import type { Provider } from '@switchhook/shared/providers'

/** Deliveries that belong together, in their order. */
type Scenario = readonly Fixture[]

/** A suite with an app for each scenario, whose clock stands where the fixture's stands. */
interface Stage {
  readonly suite: Suite
  readonly provider: Provider
  readonly fixtures: ProviderFixtures
  setClock(unixSeconds: number): void
}

/** What becomes of every fixture of a provider that is delivered over HTTP to an empty app. */
export async function providerOverHttp(
  t: Test,
  provider: Provider,
  fixtures: ProviderFixtures,
): Promise<void> {
  const scenarios = scenariosOf(fixtures.deliveries)
  const dataDir = temporaryDir(t)
  const apps = await storeWithApps(t, dataDir, scenarios.length)
  let clock = 0
  const suite = await build(t, { dataDir, now: () => clock * 1_000 })
  const setClock = (seconds: number): void => void (clock = seconds)
  const stage = { suite, provider, fixtures, setClock }
  for (const [index, scenario] of scenarios.entries()) {
    for (const fixture of scenario) await play(t, stage, { app: apps[index]!, fixture })
    await phases(t, stage, { app: apps[index]!, scenario })
  }
  await t.test('and every one of them, twenty times at once, adds nothing', async (t) => {
    for (const [index, scenario] of scenarios.entries()) {
      const app = apps[index]!
      const before = await rowsOf(stage, app)
      for (const fixture of scenario.filter(({ expect }) => expect.verdict !== 'reject')) {
        const copies = Array.from({ length: 20 }, () => deliver(stage, app, fixture))
        const statuses = (await Promise.all(copies)).map(({ status }) => status)
        t.ok(
          statuses.every((status) => status === 200),
          fixture.id,
        )
      }
      t.equal((await rowsOf(stage, app)).length, before.length)
    }
  })
}

/** Ordered ones together, each other one alone with the one it is a copy of. */
function scenariosOf(all: readonly Fixture[]): Scenario[] {
  const isOrdered = ({ order, expect }: Fixture): boolean => order !== null && !expect.duplicate_of
  const ordered = Map.groupBy(all.filter(isOrdered), ({ scenario }) => scenario)
  const byId = new Map(all.map((fixture) => [fixture.id, fixture]))
  const alone = all
    .filter((fixture) => !isOrdered(fixture))
    .map((fixture): Scenario => {
      const original = byId.get(fixture.expect.duplicate_of ?? '')
      return original ? [original, fixture] : [fixture]
    })
  const sequences = [...ordered.values()].map((members) =>
    members.toSorted((a, b) => a.order! - b.order!),
  )
  return [...sequences, ...alone]
}

interface Scene {
  readonly app: string
  readonly fixture: Fixture
}

async function play(t: Test, stage: Stage, { app, fixture }: Scene): Promise<void> {
  const { verdict, reason, duplicate_of: original, events } = fixture.expect
  const before = await rowsOf(stage, app)
  const kept = countOf(stage, app)
  const answer = await deliver(stage, app, fixture)
  const rows = (await rowsOf(stage, app)).slice(before.length)
  if (verdict === 'reject') {
    t.match(answer, { status: 401, body: { code: reason } }, fixture.id)
    t.equal(rows.length, 0, `${fixture.id} is no event`)
    t.equal(countOf(stage, app), kept, `${fixture.id} is not kept`)
    return
  }
  const status = original ? 'duplicate' : verdict === 'accept' ? 'accepted' : 'quarantined'
  t.match(answer, { status: 200, body: { status } }, fixture.id)
  t.strictSame(
    rows.map(({ type }) => type),
    original ? [] : events.map(({ type }) => type),
    `${fixture.id} has its events`,
  )
  for (const [index, { late }] of events.entries()) {
    if (typeof late === 'boolean') t.equal(rows[index]?.late, late, `${fixture.id} late`)
  }
}

/** Plays an ordered scenario's expectations of phases against what the log says after each event. */
async function phases(
  t: Test,
  stage: Stage,
  { app, scenario }: { app: string; scenario: Scenario },
): Promise<void> {
  const states = (await rowsOf(stage, app)).map(({ data }) => (JSON.parse(data) as EventData).state)
  let at = -1
  for (const { id, expect } of scenario) {
    at += expect.duplicate_of || expect.verdict !== 'accept' ? 0 : expect.events.length
    const { phase_after: phase, held_after: held } = expect
    if (typeof phase === 'string') t.equal(states[at]?.phase, phase, `${id} phase`)
    if (typeof held === 'boolean') t.equal(states[at]?.held, held, `${id} held`)
  }
}

async function deliver(stage: Stage, app: string, fixture: Fixture): Promise<Answer> {
  const { suite, provider, fixtures } = stage
  const delivery = deliveryOf(fixture)
  const { origin, pathname, search } = new URL(delivery.url)
  stage.setClock(fixture.clock_unix)
  await suite.app.credentials.put(app, provider.name, {
    credentials: fixtures.credentials(fixture),
    settings: {
      ...fixtures.settings(fixture),
      publicUrl: publicUrlOf(fixture) ?? origin + pathname,
    },
  })
  const url = new URL(`/webhooks/${provider.name}/${app}${search}`, suite.url)
  return send(url, { ...delivery, headers: Object.fromEntries(fixture.request.headers) })
}

/** What the endpoint is told to be called; its query comes with the request. */
function publicUrlOf({ config }: Fixture): string | undefined {
  return (config['public_url'] as string | undefined)?.split('?', 1)[0]
}

function rowsOf({ suite }: Stage, app: string) {
  return suite.app.journal.read(app, 0, 1_000)
}

/** Deliveries in the store, read beside the running process. */
function countOf({ suite }: Stage, app: string): number {
  const db = new DatabaseSync(join(suite.dataDir, 'switchhook.db'), { readOnly: true })
  const row = db.prepare('select count(*) as count from deliveries where app = ?').get(app)
  db.close()
  return Number(row?.['count'])
}
