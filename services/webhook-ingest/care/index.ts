import { setMilestones } from './milestones.ts'
import { reseal } from './reseal.ts'
import { retain, type Keeping } from './retention.ts'
import { endStaleCalls } from './stale-calls.ts'
import type { Deliveries } from '@switchhook/shared/journal'
import type { FastifyInstance } from 'fastify'
import type { Options } from '../config.ts'

export { watch } from './watch.ts'

interface Parts {
  readonly deliveries: Deliveries
  readonly options: Keeping & Pick<Options, 'staleCallHours'>
  readonly now: () => number
}

const hourMs = 3_600_000

/** What has to be done now and then, whether or not anything comes. */
export function takeCare(app: FastifyInstance, { deliveries, options, now }: Parts): void {
  const { staleCallHours: hours } = options
  if (hours > 0) endStaleCalls(app, { maxAgeMs: hours * hourMs, now })
  setMilestones(app, { now })
  reseal(app, { now })
  retain(app, { deliveries, keeping: options, now })
}
