import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { Bucket } from '../bucket.ts'
import type { Door, Line } from './session/door.ts'

type Parts = Pick<Door, 'hub' | 'limits' | 'metrics' | 'presence' | 'claims'>

/** What sockets meet when they come in. */
export function doorOf(app: FastifyInstance, parts: Parts): Door {
  const { log } = app
  const { admissionRate, admissionBurst } = parts.limits
  return {
    ...parts,
    log,
    room: new Bucket(admissionRate, admissionBurst),
    node: `${hostname()}-${randomUUID().slice(0, 8)}`,
    verifyToken: (token) => app.verifyToken(token),
    failed(connection: Line, error: unknown) {
      const reference = randomUUID().slice(0, 8)
      log.error({ err: error, reference }, 'session failed')
      parts.metrics.failed()
      connection.close('internal', `internal ${reference}`)
    },
  }
}
