import t from 'tap'
import { memoryBus } from '@switchhook/shared/bus'
import { busContract } from '../contracts/bus.ts'

busContract(t, async () => {
  const errors: unknown[] = []
  const bus = memoryBus((error) => errors.push(error))
  return { publisher: bus, subscriber: bus, errors }
})
