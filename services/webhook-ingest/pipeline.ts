import { CodedError } from '@switchhook/shared/errors'
import { normalise } from './normalise.ts'
import { publish } from './publish.ts'
import { verify } from './verify.ts'
import type { Bus } from '@switchhook/shared/bus'
import type { Delivery } from '@switchhook/shared/providers'
import type { Sealing } from '@switchhook/shared/sealing'
import type { FastifyBaseLogger } from 'fastify'
import type { Commit } from './commit.ts'
import type { Endpoint } from './endpoints.ts'
import type { Received } from './receive.ts'
import type { Proof } from './verify.ts'

/** What the stages work with. */
export interface Stages {
  readonly sealing: Sealing
  readonly commit: Commit
  readonly bus: Bus
  /** What clients call us, without a trailing slash. */
  readonly publicUrl: string
  readonly now: () => number
  /** Told about every delivery that proved authentic. */
  readonly onProven: (endpoint: Endpoint, proof: Proof, nowMs: number) => void
  /** Told about every delivery that says something else under a known key. */
  readonly onConflict: (provider: string, delivery: string) => void
  /** What a provider that waits for more than a receipt is told; null: the receipt. */
  readonly answer: (delivery: Delivery) => Promise<unknown>
}

/** What became of a delivery. */
export interface Outcome {
  readonly status: 'accepted' | 'duplicate' | 'quarantined'
  /** Ids of the events, as frames show them; a duplicate's are those of the first copy. */
  readonly events: readonly string[]
}

/** What became of it, and what the provider is told. */
export interface Answered {
  readonly outcome: Outcome
  readonly body: unknown
}

interface Arrival {
  readonly endpoint: Endpoint
  readonly received: Received
  readonly log: FastifyBaseLogger
  /** Whether nobody waits for the answer any more. */
  readonly isGone: () => boolean
  /** Runs a verification when it is its turn. */
  readonly verifying: <T>(verification: () => Promise<T>) => Promise<T>
}

/** The journey of a webhook: proven before it is read, on disk before it is answered, then hinted at. */
export function pipeline(stages: Stages): (arrival: Arrival) => Promise<Answered> {
  const { sealing, commit, bus, publicUrl, now } = stages
  return async ({ endpoint, received, log, isGone, verifying }) => {
    const { app, provider } = endpoint
    const nowMs = now()
    const proof = await verifying(async () => {
      if (isGone()) throw senderGone()
      return verify(endpoint, received, { publicUrl, nowMs })
    })
    // From here on it is kept, whoever waits: not every provider sends again what it did not hear of.
    stages.onProven(endpoint, proof, nowMs)
    const { delivery } = proof
    // Whoever waits for it has seconds, so it is looked for while the delivery is written down.
    const answer = provider.awaitsAnswer?.(delivery) ? stages.answer(delivery) : null
    const receivedAt = new Date(nowMs).toISOString()
    const record = normalise({ app, provider, delivery, receivedAt }, sealing)
    const { id, quarantine: reason } = record
    if (reason !== null) log.warn({ delivery: id, reason }, 'delivery quarantined')
    const appended = await commit(record)
    publish(bus, app, appended)
    if (appended.status !== 'accepted' && appended.conflict) stages.onConflict(provider.name, id)
    // Event ids are a function of the dedupe key, so a copy's are those of the first.
    const events = record.events.map((event) => event.id)
    const outcome = { status: appended.status, events }
    return { outcome, body: (await answer) ?? outcome }
  }
}

/** Nothing was proven, so nothing is owed: under overload the work would feed what causes it. */
function senderGone(): CodedError {
  return new CodedError('bad_request', { args: ['the sender did not wait for an answer'] })
}
