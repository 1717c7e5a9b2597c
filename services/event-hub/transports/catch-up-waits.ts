import { CodedError } from '@switchhook/shared/errors'
import type { Principal } from '@switchhook/plugins/auth'
import type { View } from '../feed/view.ts'
import type { Lease } from '../session/door.ts'

/** A request that waits for an event. */
export interface Turn {
  /** Its time is not over, its client is there, and the process is not ending. */
  readonly waiting: boolean
  /** Resolves when it waits no more. */
  readonly over: Promise<void>
  /** Makes it wait no more. */
  readonly end: () => void
  /** Gives its place back. */
  leave(): void
}

interface WaitLimits {
  readonly socketsPerUser: number
  readonly socketsPerApp: number
}

/** A feed is kept for so long after a request: the next one finds the newest events in memory. */
const lingerMs = 60_000

/** The requests that wait for events: so many of a user as it may have sockets. */
export class Waits {
  readonly #limits: WaitLimits
  readonly #turns = new Set<Turn>()
  readonly #counts = new Map<string, number>()
  /** One for each app that was read from within the time. */
  readonly #kept = new Map<string, { lease: Promise<Lease>; timer: NodeJS.Timeout }>()
  #closed = false

  constructor(limits: WaitLimits) {
    this.#limits = limits
  }

  /** @throws CodedError `too_many_sockets` */
  enter({ app, sub, credential }: Principal, ms: number): Turn {
    const { socketsPerUser, socketsPerApp } = this.#limits
    const key = `${app}/${sub}`
    const count = this.#counts.get(key) ?? 0
    // A key is held by programs, of which there may be many.
    if (count >= (credential === 'token' ? socketsPerUser : socketsPerApp)) {
      throw new CodedError('too_many_sockets')
    }
    this.#counts.set(key, count + 1)
    const turn = newTurn(this.#closed ? 0 : ms, () => {
      this.#turns.delete(turn)
      const left = this.#counts.get(key)! - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    })
    this.#turns.add(turn)
    return turn
  }

  /** Keeps an app's feed for a while. */
  linger(app: string, borrow: () => Promise<Lease>): void {
    if (this.#closed) return
    const kept = this.#kept.get(app)
    if (kept) return void kept.timer.refresh()
    const lease = borrow()
    // What cannot be had now is asked for by the next request.
    lease.catch(() => this.#forget(app))
    this.#kept.set(app, { lease, timer: setTimeout(() => this.#forget(app), lingerMs) })
  }

  /** The process ends: nobody waits any more. */
  close(): void {
    this.#closed = true
    for (const { end } of this.#turns) end()
    for (const app of Array.from(this.#kept.keys())) this.#forget(app)
  }

  #forget(app: string): void {
    const kept = this.#kept.get(app)
    if (!kept) return
    clearTimeout(kept.timer)
    this.#kept.delete(app)
    kept.lease.then(
      (lease) => lease.release(),
      () => {},
    )
  }
}

function newTurn(ms: number, leave: () => void): Turn {
  const over = Promise.withResolvers<void>()
  let waiting = ms > 0
  const end = (): void => {
    waiting = false
    over.resolve()
  }
  const timer = setTimeout(end, ms)
  return {
    get waiting() {
      return waiting
    },
    over: over.promise,
    end,
    leave() {
      clearTimeout(timer)
      leave()
    },
  }
}

/** Resolves when a view shows something, or something of it changed, or the turn is over. */
export async function somethingNew(view: View, turn: Turn): Promise<void> {
  const shown = Promise.withResolvers<void>()
  const member = { deliver: () => shown.resolve(), viewChanged: () => shown.resolve() }
  view.join(member)
  await Promise.race([shown.promise, turn.over])
  view.leave(member)
}
