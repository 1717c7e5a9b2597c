import t from 'tap'
import { openDirectory } from '@switchhook/shared/directory'
import { presenceContract } from '../contracts/presence.ts'
import { emptyDatabase, Postgres } from '../kit/postgres.ts'
import { presenceHub, seconds } from '../kit/presence.ts'
import { storeAt } from '../kit/store.ts'

presenceContract(t, async (t) => {
  const url = await emptyDatabase(t)
  return [await storeAt(t, { url }), await storeAt(t, { url })]
})

t.test(
  'while the store is away nobody goes offline, and all is told when it is back',
  async (t) => {
    const postgres = await Postgres.start(t)
    const [mine, theirs] = [
      await storeAt(t, { url: postgres.url }),
      await storeAt(t, { url: postgres.url }),
    ]
    const app = (await openDirectory(mine)).firstApp.id
    const clock = { now: Date.UTC(2026, 0, 1) }
    const [one, two] = [presenceHub(mine, clock), presenceHub(theirs, clock)]
    await seconds(1, clock, [one, two])
    one.enter(app, { id: 'ann', name: 'ann' })
    two.enter(app, { id: 'bob', name: 'bob' })
    await seconds(2, clock, [one, two])
    t.match(one.list(app), { length: 2 })

    await postgres.stop()
    one.say(app, 'ann', { state: 'busy' })
    one.enter(app, { id: 'eve', name: 'eve' })
    await seconds(40, clock, [one, two])
    t.match(one.get(app, ['ann', 'bob', 'eve']), {
      ann: { state: 'busy', sockets: 1 },
      bob: { sockets: 1 },
      eve: { sockets: 1 },
    })
    t.match(two.get(app, ['ann', 'bob']), { ann: { sockets: 1 }, bob: { sockets: 1 } })
    t.strictSame(one.warnings, ['presence not exchanged'], 'once')

    await postgres.start()
    await seconds(3, clock, [one, two])
    t.match(two.get(app, ['ann', 'bob', 'eve']), {
      ann: { state: 'busy', sockets: 1 },
      bob: { sockets: 1 },
      eve: { sockets: 1 },
    })
    await seconds(20, clock, [one, two])
    t.strictSame(one.get(app, ['ann', 'bob', 'eve']), two.get(app, ['ann', 'bob', 'eve']))
    await one.close()
    await two.close()
    t.strictSame(one.warnings, ['presence not exchanged'])
  },
)
