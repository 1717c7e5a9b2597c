import { CodedError } from '@switchhook/shared/errors'
import { processClock, type Clock } from './clock.ts'
import { Health, type DialOptions, type TargetHealth, type Trial } from './health.ts'
import type { FastifyBaseLogger } from 'fastify'
import type { Route, Target } from '../upstreams/contract.ts'

export type { Clock } from './clock.ts'
export type { DialOptions, TargetHealth, Trial } from './health.ts'
export { failoverMetrics } from './metrics.ts'

/** Opens a connection to a target within `timeoutMs`; rejects, best with a CodedError `upstream_…`, or when called off. */
export type Dial<Connection> = (target: Target, options: DialOptions) => Promise<Connection>

export interface FailoverOptions {
  /** How long one dial may take, ms. */
  readonly dialMs: number
  readonly trial: Trial
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn'>
  readonly clock?: Clock
  /** From 0 to 1. */
  readonly random?: () => number
}

/** Of one client. */
export interface ConnectOptions {
  /** The client has gone: nobody is dialled for it any more, and nobody is to blame. */
  readonly signal: AbortSignal
  /** For all targets together, ms. */
  readonly deadlineMs: number
}

interface Attempt {
  readonly target: Target
  readonly error: unknown
}

/** Finds a client a target that answers, and remembers for the next ones which did not. */
export class Failover {
  readonly #health: Health
  readonly #dialMs: number
  readonly #clock: Clock

  constructor({ dialMs, trial, log, clock = processClock, random = Math.random }: FailoverOptions) {
    this.#dialMs = dialMs
    this.#clock = clock
    const changed = (health: TargetHealth, error?: unknown): void => tell(log, health, error)
    this.#health = new Health({ dialMs, trial, clock, random, changed })
  }

  /**
   * Dials the targets of a route one after the other until one answers.
   * @throws the error of the first target that failed with a CodedError, else of the first; those of the others are
   * the `errors` of its `cause`. What the dial rejected with if the client has gone
   */
  async connect<Connection>(
    route: Route,
    dial: Dial<Connection>,
    { signal, deadlineMs }: ConnectOptions,
  ): Promise<{ target: Target; connection: Connection }> {
    const endsAt = this.#clock.now() + deadlineMs
    const attempts: Attempt[] = []
    for (const target of this.#health.order(route)) {
      signal.throwIfAborted()
      const since = this.#clock.now()
      if (attempts.length > 0 && since >= endsAt) break
      const timeoutMs = Math.max(1, Math.min(this.#dialMs, endsAt - since))
      try {
        const connection = await dial(target, { signal, timeoutMs })
        this.#health.succeeded(route.upstream, target)
        return { target, connection }
      } catch (error) {
        if (signal.aborted) throw error
        attempts.push({ target, error })
        const isCutShort = timeoutMs < this.#dialMs && isTimeout(error)
        if (!isCutShort) this.#health.failed(route.upstream, target, { since, error })
      }
    }
    throw mostTelling(route, attempts)
  }

  /** How each target stands that was asked for lately. */
  get targets(): readonly TargetHealth[] {
    return this.#health.targets
  }

  close(): void {
    this.#health.close()
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof CodedError && error.code === 'upstream_timeout'

/** That of the first target that is written: what is wrong there is what has to be mended. */
function mostTelling({ targets }: Route, attempts: readonly Attempt[]): unknown {
  const written = attempts.toSorted(
    (one, other) => targets.indexOf(one.target) - targets.indexOf(other.target),
  )
  const errors = written.map(({ error }) => error)
  const telling = errors.find((error) => error instanceof CodedError) ?? errors[0]
  const others = errors.filter((error) => error !== telling)
  if (others.length > 0 && telling instanceof Error) {
    telling.cause = new AggregateError(others, 'the other targets', { cause: telling.cause })
  }
  return telling
}

function tell(log: FailoverOptions['log'], health: TargetHealth, error: unknown): void {
  const { upstream, url } = health
  // Without its query, in which some PBXs want a key.
  const [target] = url.split('?', 1)
  if (health.state === 'up') return log.info({ upstream, target }, 'sip target is back')
  const reason = error instanceof CodedError ? error.code : String(error)
  log.warn({ upstream, target, reason }, 'sip target failed')
}
