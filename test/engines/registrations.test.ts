import t from 'tap'
import { registrationsContract } from '../contracts/registrations.ts'
import { emptyDatabase, Postgres } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'
import { app, Line, registrarAt } from '../services/sip-proxy-registrations-sample.ts'

registrationsContract(t, async (t) => {
  const url = await emptyDatabase(t)
  return [await storeAt(t, { url }), await storeAt(t, { url })]
})

t.test(
  'while the store is away SIP goes on, and what is so when it is back is written',
  async (t) => {
    const postgres = await Postgres.start(t)
    const store = await storeAt(t, { url: postgres.url })
    const clock = { now: Date.UTC(2026, 0, 1) }
    const registrar = registrarAt(store, clock)
    const turn = async () => {
      clock.now += 1_000
      await registrar.turn()
    }
    const [stays, goes, comes] = Array.from({ length: 3 }, () => new Line(registrar))
    stays!.register(['Contact: <sip:a@a.invalid>;expires=60'])
    goes!.register(['Contact: <sip:b@b.invalid>;expires=60'])
    await turn()

    await postgres.stop()
    comes!.register(['Contact: <sip:c@c.invalid>;expires=60'])
    comes!.register(['Contact: <sip:d@c.invalid>;expires=60'])
    await turn()
    comes!.register(['Contact: <sip:c@c.invalid>;expires=0'])
    stays!.register(['Contact: <sip:a@a.invalid>;expires=90'])
    goes!.watch.closed()
    for (let count = 0; count < 6; count += 1) await turn()
    await t.rejects(registrar.list({ app, limit: 9 }))
    t.strictSame(registrar.said, ['registrations not written'], 'once')
    t.strictSame(registrar.count(), new Map([['phantom', 2]]))

    await postgres.start()
    await turn()
    const found = await registrar.list({ app, limit: 9 })
    t.strictSame(
      new Map(found.map((one) => [one.contact, one.grantedSeconds])),
      new Map([
        ['sip:a@a.invalid', 90],
        ['sip:d@c.invalid', 60],
      ]),
    )
    await registrar.close()
    t.strictSame(registrar.said, ['registrations not written', 'registrations written again'])
  },
)
