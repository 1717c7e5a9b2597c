import type { Test } from 'tap'
import { openedJournal as opened, type OpenStore } from '../kit/opened-journal.ts'
import { sampleDelivery as delivery, sampleEvent as event } from '../kit/sample.ts'

const at = (hour: number): string => `2026-09-21T${String(hour).padStart(2, '0')}:00:00.000Z`

/** What every journal promises to whoever looks for a time. */
export function pastContract(t: Test, openStore: OpenStore): void {
  t.test('a milestone says which events a later time need not look through', async (t) => {
    const { journal, app } = await opened(t, openStore, 'milestones')
    const told = (count: number) => Array.from({ length: count }, () => delivery(app, [event()]))
    await journal.setMilestones(at(1))
    t.equal(await journal.milestone(app, at(9)), 0, 'of an empty log there is none')
    await journal.append(told(3))
    await journal.setMilestones(at(2))
    await journal.setMilestones(at(3))
    await journal.append(told(2))
    await Promise.all([journal.setMilestones(at(4)), journal.setMilestones(at(4))])
    const found = await Promise.all([2, 3, 4, 5].map((hour) => journal.milestone(app, at(hour))))
    t.strictSame(found, [0, 3, 3, 5])
    t.equal(await journal.milestone('other', at(9)), 0)
    const before = new Date(Date.now() + 60_000).toISOString()
    t.match(await journal.prune(app, { before, limit: 4 }), { events: 4 })
    t.equal(await journal.milestone(app, at(4)), 0, 'it goes with the last event before it')
    t.equal(await journal.milestone(app, at(5)), 5)
  })
}
