import t from 'tap'
import { busContract } from '../contracts/bus.ts'
import { openBus } from '../kit/redis-bus.ts'
import { sharedRedis } from '../kit/redis.ts'

busContract(t, async (t) => {
  const url = await sharedRedis()
  const { bus: publisher } = await openBus(t, url)
  const { bus: subscriber, reports } = await openBus(t, url)
  return { publisher, subscriber, errors: reports.error }
})
