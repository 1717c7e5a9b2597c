import t from 'tap'
import { Bucket } from '../../services/bucket.ts'

t.test('a bucket gives what it holds, and fills again with time', async (t) => {
  const bucket = new Bucket(10, 2, 0)
  t.strictSame([bucket.take(0), bucket.take(0), bucket.take(0)], [0, 0, 100])
  t.equal(bucket.take(100), 0)
})

t.test('a clock that is set back takes nothing away', async (t) => {
  const bucket = new Bucket(10, 2, 3_600_000)
  t.equal(bucket.take(3_600_000), 0)
  t.equal(bucket.take(0), 0)
  t.equal(bucket.take(100), 0)
})
