import type { Clock } from './clock.ts'
import type { Route, Target, Upstream } from '../upstreams/contract.ts'

/** `up`: dialled in its turn; `penalised`: after the others, for a while; `trial`: likewise, while it is tried out. */
export type State = 'up' | 'penalised' | 'trial'

/** How a target stands. */
export interface TargetHealth {
  /** The name of its upstream. */
  readonly upstream: string
  readonly url: string
  readonly state: State
}

/** How long a dial may take, and what calls it off. */
export interface DialOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** Dials a target of which nobody wants anything, and hangs up. Rejects if it cannot be used. */
export type Trial = (upstream: Upstream, target: Target, options: DialOptions) => Promise<void>

export interface HealthOptions {
  /** How long the dial of a trial may take, ms. */
  readonly dialMs: number
  readonly trial: Trial
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  /** Is told whenever a target is penalised anew, or up again. */
  readonly changed: (health: TargetHealth, error?: unknown) => void
}

interface Known {
  /** As it was last asked for: the file may say something else by now. */
  upstream: Upstream
  target: Target
  state: State
  /** Penalties in a row. */
  penalties: number
  /** Of the penalty. */
  endsAt: number
  askedAt: number
  upAt: number
  /** Calls off the end of the penalty, or the trial. */
  cancel: () => void
}

/** Targets that are remembered; the one not asked for longest gives way. */
const maxTargets = 1_000
/** At once; a target beyond waits a little longer. */
const maxTrials = 16
const firstPenaltyMs = 5_000
const longestPenaltyMs = 60_000
const jitter = 0.2
/** Nobody wants to know any more whether it is up. */
const forgottenMs = 600_000

/** Which targets answer: a failed dial is held against a target for a while, and a trial, no client, finds out whether it is back. */
export class Health {
  readonly #options: HealthOptions
  readonly #known = new Map<string, Known>()
  #trials = 0
  #closed = false

  constructor(options: HealthOptions) {
    this.#options = options
  }

  /** The targets of a route as they are to be dialled: those that are up, then those whose penalty ends soonest. */
  order({ upstream, targets }: Route): readonly Target[] {
    const known = targets.map((target) => this.#asked(upstream, target))
    return known.toSorted((one, other) => turn(one) - turn(other)).map(({ target }) => target)
  }

  succeeded(upstream: Upstream, target: Target): void {
    const known = this.#asked(upstream, target)
    known.upAt = known.askedAt
    if (known.state === 'up') return
    known.cancel()
    this.#back(known)
  }

  /** @param since when the dial began: what succeeded meanwhile is not held responsible for it */
  failed(upstream: Upstream, target: Target, { since, error }: Failure): void {
    const known = this.#asked(upstream, target)
    // Many dials may fail during one outage: it is one penalty.
    if (this.#closed || known.state !== 'up' || known.upAt > since) return
    this.#penalise(known)
    this.#options.changed(healthOf(known), error)
  }

  get targets(): readonly TargetHealth[] {
    return [...this.#known.values()].map(healthOf)
  }

  /** No trial goes on or begins. */
  close(): void {
    this.#closed = true
    for (const { cancel } of this.#known.values()) cancel()
    this.#known.clear()
  }

  #asked(upstream: Upstream, target: Target): Known {
    const key = keyOf(upstream, target)
    const known = this.#known.get(key) ?? unknown(upstream, target)
    this.#known.delete(key)
    this.#known.set(key, known)
    known.upstream = upstream
    known.target = target
    known.askedAt = this.#options.clock.now()
    if (this.#known.size > maxTargets) this.#forgetOldest()
    return known
  }

  #forgetOldest(): void {
    for (const known of this.#known.values()) return this.#forget(known)
  }

  #forget(known: Known): void {
    known.cancel()
    this.#known.delete(keyOf(known.upstream, known.target))
  }

  #penalise(known: Known): void {
    const { clock, random } = this.#options
    const full = Math.min(longestPenaltyMs, firstPenaltyMs * 2 ** known.penalties)
    const ms = Math.round(full * (1 - jitter + 2 * jitter * random()))
    known.state = 'penalised'
    known.penalties += 1
    known.endsAt = clock.now() + ms
    known.cancel = clock.after(ms, () => this.#ended(known))
  }

  #ended(known: Known): void {
    const { clock } = this.#options
    if (clock.now() - known.askedAt >= forgottenMs) return this.#forget(known)
    if (this.#trials < maxTrials) return void this.#tryOut(known)
    known.cancel = clock.after(firstPenaltyMs, () => this.#ended(known))
  }

  /** Never rejects. What was called off says nothing about the target. */
  async #tryOut(known: Known): Promise<void> {
    const { trial, clock, dialMs } = this.#options
    const called = new AbortController()
    const late = Promise.withResolvers<false>()
    const stopWaiting = clock.after(dialMs, () => late.resolve(false))
    known.state = 'trial'
    known.cancel = () => {
      called.abort()
      stopWaiting()
      late.resolve(false)
    }
    this.#trials += 1
    const { upstream, target } = known
    const passed = trial(upstream, target, { signal: called.signal, timeoutMs: dialMs }).then(
      () => true,
      () => false,
    )
    const isUp = await Promise.race([passed, late.promise])
    this.#trials -= 1
    if (called.signal.aborted) return
    known.cancel()
    if (isUp) this.#back(known)
    else this.#penalise(known)
  }

  #back(known: Known): void {
    known.state = 'up'
    known.penalties = 0
    known.upAt = this.#options.clock.now()
    this.#options.changed(healthOf(known))
  }
}

export interface Failure {
  readonly since: number
  readonly error: unknown
}

const keyOf = ({ name }: Upstream, { url }: Target): string => `${name} ${url}`

const turn = ({ state, endsAt }: Known): number => (state === 'up' ? 0 : endsAt)

const healthOf = ({ upstream, target, state }: Known): TargetHealth => ({
  upstream: upstream.name,
  url: target.url,
  state,
})

const unknown = (upstream: Upstream, target: Target): Known => ({
  upstream,
  target,
  state: 'up',
  penalties: 0,
  endsAt: 0,
  askedAt: 0,
  upAt: Number.NEGATIVE_INFINITY,
  cancel: () => {},
})
