import { normalise } from './normalise.ts'
import { publish } from './publish.ts'
import { receive } from './receive.ts'
import { verify, type Source } from './verify.ts'
import type { Bus } from '@switchhook/shared/bus'
import type { Sealing } from '@switchhook/shared/sealing'
import type { FastifyRequest } from 'fastify'
import type { Commit } from './commit.ts'

/** What the stages work with. */
export interface Stages {
  readonly sealing: Sealing
  readonly commit: Commit
  readonly bus: Bus
  readonly now: () => number
}

/** The answer to the provider. */
export interface Outcome {
  readonly status: 'accepted' | 'duplicate' | 'quarantined'
  /** Ids of the events, as frames show them; a duplicate's are those of the first copy. */
  readonly events: readonly string[]
}

/** The journey of a webhook: proven before it is read, on disk before it is answered, then hinted at. */
export function pipeline({ sealing, commit, bus, now }: Stages) {
  return async (request: FastifyRequest, source: Source, app: string): Promise<Outcome> => {
    const nowMs = now()
    const delivery = receive(request)
    await verify(source, delivery, nowMs)
    const record = normalise({ app, provider: source.provider, delivery, nowMs }, sealing)
    const { id, quarantine: reason } = record
    if (reason !== null) request.log.warn({ delivery: id, reason }, 'delivery quarantined')
    const appended = await commit(record)
    publish(bus, app, appended)
    // Event ids are a function of the dedupe key, so a copy's are those of the first.
    return { status: appended.status, events: record.events.map((event) => event.id) }
  }
}
