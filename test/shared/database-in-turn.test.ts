import t from 'tap'
import { inTurn } from '@switchhook/shared/database'

t.test(
  'however many look for something, they look together, and see what was there before',
  async (t) => {
    const turns = inTurn()
    let stored = 0
    let reads = 0
    let known = 0
    const read = async (): Promise<void> => {
      reads += 1
      known = stored
    }
    const look = async (): Promise<number> => {
      await turns.share(read)
      return known
    }
    stored = 1
    t.strictSame(new Set(await Promise.all(Array.from({ length: 1_000 }, look))), new Set([1]))
    t.equal(reads, 1)
    const late = Promise.all([look(), look()])
    stored = 2
    t.strictSame(await late, [2, 2])
    t.equal(reads, 2)
  },
)

t.test('reads run one after the other, and one that fails keeps none from running', async (t) => {
  const turns = inTurn()
  const order: string[] = []
  const first = turns.take(async () => {
    await Promise.resolve()
    order.push('first')
    throw new Error('away')
  })
  const second = turns.share(async () => void order.push('second'))
  await t.rejects(first, { message: 'away' })
  await second
  t.strictSame(order, ['first', 'second'])
})
