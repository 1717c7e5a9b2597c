import t from 'tap'
import { resealingContract } from '../contracts/resealing.ts'
import { rotationContract } from '../contracts/rotation.ts'
import { emptyDatabase } from '../kit/postgres.ts'
import { storeAt } from '../kit/store.ts'

resealingContract(t, async (t) => {
  const url = await emptyDatabase(t)
  return [await storeAt(t, { url }), await storeAt(t, { url })]
})

t.test('a SECRETS_KEY is replaced, and the old one is not needed any more', async (t) =>
  rotationContract(t, { DATABASE_URL: await emptyDatabase(t), DB_CONNECTIONS: '4' }),
)
