import t, { type Test } from 'tap'
import { isAway } from '../../services/webhook-ingest/spool/away.ts'
import { Postgres } from '../kit/postgres.ts'
import { delivery, eventOf, setting, type Setting } from './webhook-ingest-commit-setting.ts'
import type { NewDelivery } from '@switchhook/shared/journal'

/** Commits so many, a few at a time; every one of them must be accepted. */
async function send(t: Test, { app, commit }: Setting, count: number): Promise<NewDelivery[]> {
  const sent: NewDelivery[] = []
  while (sent.length < count) {
    const some = Array.from({ length: 4 }, () => delivery(app))
    sent.push(...some)
    const answers = await Promise.all(some.map((one) => commit(one)))
    t.ok(answers.every(({ status }) => status === 'accepted'))
  }
  return sent
}

async function drained(t: Test, { commit, until, stored, failures }: Setting, sent: NewDelivery[]) {
  await until(() => commit.mode === 'direct')
  t.strictSame(await stored(), sent.map(eventOf))
  t.ok(failures.length > 0)
  t.strictSame(
    failures.filter((error) => !isAway(error)),
    [],
    'a server that is away is nothing else',
  )
}

for (const [what, leave, comeBack] of [
  ['stopped', (server) => server.stop(), (server) => server.start()],
  ['killed', (server) => server.kill(), (server) => server.start()],
  ['frozen', async (server) => server.freeze(), async (server) => server.thaw()],
] as const satisfies [string, ...((server: Postgres) => Promise<void>)[]][]) {
  t.test(
    `while PostgreSQL is ${what}, every delivery is accepted, and kept in order`,
    async (t) => {
      const postgres = await Postgres.start(t)
      const suite = await setting(t, { url: postgres.url, storeDeadlineMs: 500 })
      const sent = await send(t, suite, 40)
      await suite.until(() => suite.commit.mode === 'direct')
      await leave(postgres)
      sent.push(...(await send(t, suite, 40)))
      t.equal(suite.commit.mode, 'spool')
      await suite.until(() => suite.failures.length > 1)
      await comeBack(postgres)
      sent.push(...(await send(t, suite, 40)))
      await drained(t, suite, sent)
    },
  )
}
