import { setTimeout as wait } from 'node:timers/promises'
import { ConnectionLost, type ConnectionState } from '@switchhook/shared/connections'
import { CodedError } from '@switchhook/shared/errors'
import { DialpadFailure } from './dialpad/failure.ts'
import { deauthorize, type Grant } from './dialpad/tokens.ts'
import { bearerOf, lasts } from './freshness.ts'
import { provider, type Parts } from './parts.ts'
import { setUp, takeDown, type Held } from './set-up.ts'
import type { Target } from './dialpad/subscriptions.ts'

/** For everything that one visit to Dialpad does. */
const visitMs = 30_000
/** Longer than a visit: a lease ends only under a process that is gone. */
const leaseMs = 60_000
/** Somebody who wants a connection that is in use waits for so long. */
const patienceMs = 40_000
const lookMs = 100

/** Connections that are completed by one round. */
const perRound = 20
/** After the first failures; then every 30 minutes, so that an hour has 9 attempts at most. */
const delaysMs = [15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 900_000]
const lastDelayMs = 1_800_000
/** Two days; then somebody must look, and connect anew. */
const maxAttempts = 100

const sealedAway = 'Its tokens were sealed with a key that is not configured any more'

/** What a connection became. */
export type Outcome = Pick<ConnectionState, 'status' | 'reason'>

/** Keeps connections: whoever changes one, here or in another process, holds it meanwhile. */
export class Keeper {
  readonly #parts: Parts
  /** Renewals under way, one per app. */
  readonly #renewals = new Map<string, Promise<string>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Keeps what was granted, and sets up what it is for. */
  async connect(app: string, grant: Grant, target: Target | null): Promise<Outcome> {
    const { now } = this.#parts
    const outcome = await this.#withHeld(app, true, async (held) => {
      const { hookSecret = null, secured = null } = held.current.secrets ?? {}
      await held.save({
        status: 'connecting',
        reason: null,
        expiresAt: grant.expiresAt,
        connectedAt: timeOf(now()),
        attempts: 0,
        // If this process does not live to see the end of it.
        retryAt: timeOf(now() + leaseMs),
        secrets: { tokens: grant.tokens, hookSecret, secured, target },
      })
      return this.#complete(held)
    })
    return outcome!
  }

  /**
   * A token that lasts for a minute at least, whatever it takes to get one.
   * @throws CodedError `connection_not_found`, `connection_expired`, `connection_unavailable`
   */
  async accessToken(app: string): Promise<string> {
    const found = await this.#parts.connections.get({ app, provider })
    if (!found) throw new CodedError('connection_not_found', { args: [provider] })
    if (found.status === 'expired' || !found.secrets) throw expired(found.reason)
    if (lasts(found.expiresAt, this.#parts.now())) return found.secrets.tokens.access
    let renewal = this.#renewals.get(app)
    if (!renewal) {
      renewal = this.#renewed(app).finally(() => this.#renewals.delete(app))
      this.#renewals.set(app, renewal)
    }
    return renewal
  }

  /** Completes connections whose time has come. */
  async completeDue(stopping: AbortSignal): Promise<void> {
    const { connections, now } = this.#parts
    for (const { app } of await connections.due(now(), perRound)) {
      if (stopping.aborted) return
      const held = await connections.hold({ app, provider }, { nowMs: now(), leaseMs })
      if (typeof held === 'string') continue
      try {
        // Somebody else may have been faster.
        if (held.current.retryAt !== null && held.current.retryAt <= timeOf(now())) {
          await this.#complete(held, stopping)
        }
      } finally {
        await held.release()
      }
    }
  }

  /**
   * Ends a connection, there as far as possible, and here.
   * @returns what is left at Dialpad; null if there was no connection
   */
  remove(app: string): Promise<readonly string[] | null> {
    return this.#withHeld(app, false, async (held) => {
      const left = await this.#takeDown(held)
      await held.remove()
      return left
    })
  }

  async #takeDown(held: Held): Promise<string[]> {
    const { client } = this.#parts
    if (!held.current.secrets) return ['consent']
    const signal = AbortSignal.timeout(visitMs)
    try {
      const { baseUrl } = client()
      const bearer = bearerOf(held, { client: client(), now: this.#parts.now, signal })
      return await takeDown(held, {
        access: { baseUrl, bearer, signal },
        hookUrl: this.#hookUrl(held.current.app),
        deauthorize: async () => deauthorize({ baseUrl }, await bearer.current(), signal),
      })
    } catch {
      return ['consent']
    }
  }

  async #renewed(app: string): Promise<string> {
    const { client, now } = this.#parts
    const token = await this.#withHeld(app, false, async (held) => {
      try {
        return await bearerOf(held, { client: client(), now }).current()
      } catch (error) {
        if (!(error instanceof DialpadFailure)) throw error
        if (error.kind !== 'revoked') throw unavailable(error)
        await this.#fail(held, error)
        throw expired(error.message)
      }
    })
    if (token === null) throw new CodedError('connection_not_found', { args: [provider] })
    return token
  }

  async #complete(held: Held, stopping?: AbortSignal): Promise<Outcome> {
    const { client, now, saveCredential, log } = this.#parts
    const { app } = held.current
    const deadline = AbortSignal.timeout(visitMs)
    const signal = stopping ? AbortSignal.any([stopping, deadline]) : deadline
    try {
      if (!held.current.secrets) throw new DialpadFailure('revoked', sealedAway)
      const bearer = bearerOf(held, { client: client(), now, signal })
      await setUp(held, {
        access: { baseUrl: client().baseUrl, bearer, signal },
        hookUrl: this.#hookUrl(app),
        saveCredential: (secret) => saveCredential(app, provider, secret),
      })
      await held.save({ status: 'connected', reason: null, attempts: 0, retryAt: null })
      log.info({ app, provider }, 'connection complete')
    } catch (error) {
      if (error instanceof ConnectionLost) throw error
      await this.#fail(held, error as Error)
    }
    return held.current
  }

  #hookUrl(app: string): string {
    return `${this.#parts.publicUrl}/webhooks/${provider}/${app}`
  }

  async #fail(held: Held, error: Error): Promise<void> {
    const { now, log, audit } = this.#parts
    const { app, attempts } = held.current
    const failure = error instanceof DialpadFailure ? error : null
    if (failure?.kind === 'revoked') {
      await held.save({ status: 'expired', reason: failure.message, retryAt: null })
      log.warn({ app, provider, reason: failure.message }, 'connection expired')
      const entry = { app, action: 'connection.expired', actor: 'system', ip: null }
      return audit.record({ ...entry, target: provider })
    }
    const reason = failure?.message ?? 'The failure is on our side: look into the log'
    const delayMs = Math.max(delaysMs[attempts] ?? lastDelayMs, failure?.retryAfterMs ?? 0)
    const retryAt = attempts + 1 < maxAttempts ? timeOf(now() + delayMs) : null
    await held.save({ status: 'incomplete', reason, attempts: attempts + 1, retryAt })
    log.warn(
      { app, provider, reason, retryAt, ...(!failure && { err: error }) },
      'connection incomplete',
    )
  }

  /** @returns null if there is no connection. @throws CodedError `conflict` if it stays in use */
  async #withHeld<Result>(
    app: string,
    create: boolean,
    work: (held: Held) => Promise<Result>,
  ): Promise<Result | null> {
    const held = await this.#hold(app, create)
    if (!held) return null
    try {
      return await work(held)
    } catch (error) {
      throw error instanceof ConnectionLost ? new CodedError('conflict', { cause: error }) : error
    } finally {
      await held.release()
    }
  }

  async #hold(app: string, create: boolean): Promise<Held | null> {
    const { connections, now } = this.#parts
    const until = performance.now() + patienceMs
    for (;;) {
      const held = await connections.hold({ app, provider }, { nowMs: now(), leaseMs, create })
      if (held === 'none') return null
      if (held !== 'busy') return held
      if (performance.now() > until) throw new CodedError('conflict')
      await wait(lookMs)
    }
  }
}

function expired(reason: string | null): CodedError {
  return new CodedError('connection_expired', { args: [reason ?? sealedAway] })
}

function unavailable({ message, retryAfterMs }: DialpadFailure): CodedError {
  const retryAfter = Math.ceil((retryAfterMs ?? 5_000) / 1_000)
  return new CodedError('connection_unavailable', { args: [message], retryAfter })
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
