import t from 'tap'
import { RefusalBudget } from '../../services/refusals.ts'

const taken = (budget: RefusalBudget, address: string, nowMs: number): boolean[] =>
  Array.from({ length: 11 }, () => budget.take(address, nowMs))
const ten = [...Array.from({ length: 10 }, () => true), false]

t.test('ten refusals of an address are explained in a minute', async (t) => {
  const budget = new RefusalBudget()
  t.strictSame(taken(budget, '192.0.2.1', 1_000_000), ten)
  t.strictSame(taken(budget, '192.0.2.2', 1_000_000), ten)
  t.notOk(budget.take('192.0.2.1', 1_059_999))
  t.strictSame(taken(budget, '192.0.2.1', 1_060_000), ten)
})

t.test('a clock that is set back begins another minute', async (t) => {
  const budget = new RefusalBudget()
  taken(budget, '192.0.2.1', 3_600_000)
  t.strictSame(taken(budget, '192.0.2.1', 0), ten)
})
