import { EventEmitter, once } from 'node:events'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { loadConfig } from '@switchhook/shared/config'
import { openAccess } from '@switchhook/shared/access'
import { openDirectory } from '@switchhook/shared/directory'
import store, { Options } from '@switchhook/plugins/store'
import { temporaryDir } from '../kit/build.ts'

/** An app with the store alone, what it logs, and a wait for so many rounds. */
async function withStore(t: Test) {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  const app = Fastify({ logger: { level: 'warn', stream: { write } } })
  t.teardown(() => app.close())
  await app.register(store, loadConfig(Options, { environment: { DATA_DIR: temporaryDir(t) } }))
  const tended = new EventEmitter()
  const tend = async (): Promise<void> => void tended.emit('tended')
  const rounds = async (count: number): Promise<void> => {
    for (let seen = 0; seen < count; seen += 1) await once(tended, 'tended')
  }
  return { app, lines, tend, rounds }
}

t.test(
  'what is kept is read when what counts its changes has changed, and only then',
  async (t) => {
    const { app, tend, rounds } = await withStore(t)
    const { firstApp } = await openDirectory(app.store)
    const access = await openAccess(app.store)
    const reads = { keys: 0, users: 0 }
    app.rounds.keep({
      what: 'users',
      counted: ['user_mappings'],
      refresh: async () => void (reads.users += 1),
    })
    app.rounds.keep({
      what: 'keys',
      counted: ['api_keys', 'revocations'],
      refresh: async () => void (reads.keys += 1),
      tend,
    })
    await rounds(3)
    t.strictSame(reads, { keys: 1, users: 1 }, 'once, in the first round')
    await access.keys.create(firstApp.id)
    await rounds(2)
    t.strictSame(reads, { keys: 2, users: 1 })
    await access.revocations.add(firstApp.id, 'anna')
    await rounds(2)
    t.strictSame(reads, { keys: 3, users: 1 })
  },
)

t.test('what could not be read is read again, and the log says it once', async (t) => {
  const { app, lines, tend, rounds } = await withStore(t)
  const failures = [new Error('away'), new Error('still away')]
  const read = Promise.withResolvers<void>()
  app.rounds.keep({
    what: 'keys',
    counted: ['api_keys'],
    async refresh() {
      const failure = failures.shift()
      if (failure) throw failure
      read.resolve()
    },
    tend,
  })
  await Promise.all([read.promise, rounds(1)])
  t.match(lines, [{ level: 40, msg: 'keys not refreshed', err: { message: 'away' } }])
  t.equal(lines.length, 1)
})

t.test('work is done in every round or every so many, until it is ended', async (t) => {
  const { app, tend, rounds } = await withStore(t)
  app.rounds.keep({ what: 'nothing', counted: [], refresh: async () => {}, tend })
  const done = { each: 0, second: 0, ended: 0 }
  app.rounds.each(() => void (done.each += 1))
  app.rounds.each(() => void (done.second += 1), 2)
  const end = app.rounds.each(() => void (done.ended += 1))
  await rounds(1)
  end()
  await rounds(3)
  t.match(done, { each: 4, second: 2, ended: 1 })
  await app.close()
  t.match(done, { each: 4 }, 'nothing is done after the end')
})
