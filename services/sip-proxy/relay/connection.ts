import { Bucket } from '../../bucket.ts'
import { Leg, type Pair } from './leg.ts'
import type { Rewrite, Side, Watch, Wire } from './contract.ts'
import type { Fault } from './walk.ts'

/** Who ended a connection, and with which close code (RFC 6455 §7.4). */
export interface Ending {
  readonly by: Side | 'proxy'
  readonly code: number
}

/** What a connection lives by. */
export interface Terms {
  readonly messageBytes: number
  /** SIP messages of the browser: per second, and at once after a pause. */
  readonly messageRate: number
  readonly messageBurst: number
  readonly heartbeatMs: number
  readonly idleMs: number
}

/** Who hears of it. */
export interface Owner {
  readonly terms: Terms
  passed(side: Side): void
  failed(error: unknown): void
  over(connection: Connection, ending: Ending): void
}

export interface Parts {
  readonly browser: Wire
  readonly upstream: Wire
  readonly watch: Watch | null
  readonly rewrite: Rewrite | null
}

/** Whoever does not finish after a goodbye is cut off, milliseconds. */
const patienceMs = 3_000

const abnormal = 1006

/** A browser's socket and its upstream's, spliced: neither outlives the other. */
export class Connection implements Pair {
  readonly watch: Watch | null
  readonly rewrite: Rewrite | null
  readonly messageBytes: number
  readonly #owner: Owner
  readonly #browser: Leg
  readonly #upstream: Leg
  readonly #room: Bucket
  #ending: Ending | null = null
  #endsAt = Infinity
  #pingAt: number
  #open = 2

  constructor(owner: Owner, { browser, upstream, watch, rewrite }: Parts) {
    const { messageBytes, messageRate, messageBurst, heartbeatMs } = owner.terms
    this.#owner = owner
    this.watch = watch
    this.rewrite = rewrite
    this.messageBytes = messageBytes
    this.#room = new Bucket(messageRate, messageBurst)
    this.#browser = new Leg('browser', browser, this)
    this.#upstream = new Leg('upstream', upstream, this)
    // Connections of one moment are not all pinged in one.
    this.#pingAt = Date.now() + Math.random() * heartbeatMs
    this.#browser.join(this.#upstream)
    this.#upstream.join(this.#browser)
    this.#upstream.carry(upstream.head)
    this.#browser.carry(browser.head)
  }

  /** Closes both sides; again changes nothing. */
  close(code: number, reason: string): void {
    this.#end({ by: 'proxy', code })
    this.#browser.dismiss(code, reason)
    this.#upstream.dismiss(1001, '')
  }

  /** Looks after what only time tells: pings, a side that is gone without a word, an end that takes too long. */
  look(now: number): void {
    if (now >= this.#endsAt) return this.#cut()
    if (this.#ending) return
    for (const leg of [this.#browser, this.#upstream]) {
      // A side that is not read shows no life.
      if (leg.held) leg.seenAt = now
      if (now - leg.seenAt >= this.#owner.terms.idleMs) return this.#lost(leg, 'idle')
    }
    if (now < this.#pingAt) return
    this.#pingAt = now + this.#owner.terms.heartbeatMs
    this.#browser.ping()
    this.#upstream.ping()
  }

  passed(side: Side): void {
    this.#owner.passed(side)
    if (side === 'browser' && this.#room.take() > 0) this.close(1008, 'rate_limited')
  }

  saidGoodbye({ side }: Leg, code: number): void {
    this.#end({ by: side, code })
  }

  broke({ side }: Leg, { code, reason }: Fault): void {
    const words = side === 'browser' ? reason : `upstream_broken ${reason}`
    this.close(side === 'browser' ? code : 1011, words)
  }

  parted(): void {
    this.#browser.finish()
    this.#upstream.finish()
  }

  ended(leg: Leg): void {
    if (leg.socket.closed) this.#closed()
    if (this.#ending === null) return this.#lost(leg, 'gone')
    // It has said goodbye, or was said goodbye to: the other side need not wait.
    leg.finish()
    this.#otherOf(leg).finish()
  }

  failed(error: unknown): void {
    this.#owner.failed(error)
  }

  #otherOf(leg: Leg): Leg {
    return leg === this.#browser ? this.#upstream : this.#browser
  }

  /** A side went without a goodbye; the other is told. */
  #lost(leg: Leg, how: 'gone' | 'idle'): void {
    this.#end({ by: leg.side, code: abnormal })
    const isBrowser = leg === this.#browser
    this.#otherOf(leg).dismiss(isBrowser ? 1001 : 1011, isBrowser ? '' : `upstream_${how}`)
    leg.cut()
  }

  #end(ending: Ending): void {
    if (this.#ending) return
    this.#ending = ending
    this.#endsAt = Date.now() + patienceMs
  }

  #cut(): void {
    this.#browser.cut()
    this.#upstream.cut()
  }

  #closed(): void {
    this.#open -= 1
    if (this.#open > 0) return
    try {
      this.watch?.closed()
    } catch (error) {
      this.failed(error)
    }
    this.#owner.over(this, this.#ending!)
  }
}
