import { Bucket } from '../bucket.ts'
import { Places } from './admission/places.ts'
import { reaching, tryOut } from './dial/reach.ts'
import { Failover, failoverMetrics } from './failover/index.ts'
import { tellHealth } from './health.ts'
import type { FastifyInstance } from 'fastify'
import type { Door } from './admission/door.ts'
import type { Options } from './config.ts'

/** Targets that a client waits for, one after the other. */
const patientTargets = 2

interface Parts extends Pick<Door, 'connected' | 'metrics' | 'upstreams'> {
  readonly options: Options
}

/** What handshakes meet when they come in. */
export function doorOf(app: FastifyInstance, { options, ...parts }: Parts): Door {
  const dialMs = options.dialSeconds * 1_000
  const failover = new Failover({ dialMs, trial: tryOut, log: app.log })
  app.addHook('onClose', async () => failover.close())
  const watched = { failover, upstreams: parts.upstreams }
  failoverMetrics(app.metrics, watched)
  tellHealth(app, watched)
  return {
    ...parts,
    places: new Places(options.maxSockets),
    room: new Bucket(options.admissionRate, options.admissionBurst),
    perAddress: options.handshakesPerAddress,
    reach: reaching(failover, patientTargets * dialMs),
  }
}
