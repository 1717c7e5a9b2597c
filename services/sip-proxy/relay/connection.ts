import { Leg, type Pair } from './leg.ts'
import type { Rewrite, Side, Watch, Wire } from './contract.ts'
import type { Fault, Limits } from './walk.ts'

/** Who ended a connection, and with which close code (RFC 6455 §7.4). */
export interface Ending {
  readonly by: Side | 'proxy'
  readonly code: number
}

/** What a connection lives by; time is counted in looks. */
export interface Terms {
  readonly limits: Readonly<Record<Side, Limits>>
  /** SIP messages of the browser: per look, and at once after a pause. */
  readonly messages: number
  readonly messageBurst: number
  readonly heartbeat: number
  readonly idle: number
  /** Whoever does not finish after a goodbye is cut off. */
  readonly patience: number
}

/** Who looks after it. */
interface Owner {
  readonly terms: Terms
  /** How often it has looked. */
  readonly looks: number
  passed(side: Side): void
  failed(error: unknown): void
  over(connection: Connection): void
}

export interface Parts {
  readonly browser: Wire
  readonly upstream: Wire
  readonly watch: Watch | null
  readonly rewrite: Rewrite | null
  /** Hears that both sockets are closed. */
  over?(ending: Ending): void
}

const abnormal = 1006
const never = 2 ** 30

/** A browser's socket and its upstream's, spliced: neither outlives the other. */
export class Connection implements Pair {
  readonly watch: Watch | null
  readonly rewrite: Rewrite | null
  readonly limits: Terms['limits']
  readonly #owner: Owner
  readonly #over: Parts['over']
  readonly #browser: Leg
  readonly #upstream: Leg
  /** How many messages and control frames the browser may send until the next look. */
  #room: number
  #ending: Ending | null = null
  #endsAt = never
  #pingAt: number
  #open = 2

  constructor(owner: Owner, { browser, upstream, watch, rewrite, over }: Parts) {
    const { limits, messageBurst, heartbeat } = owner.terms
    this.#owner = owner
    this.#over = over
    this.watch = watch
    this.rewrite = rewrite
    this.limits = limits
    this.#room = messageBurst
    this.#browser = new Leg('browser', browser, this)
    this.#upstream = new Leg('upstream', upstream, this)
    // Connections of one moment are not all pinged in one.
    this.#pingAt = owner.looks + Math.ceil(Math.random() * heartbeat)
    this.#browser.join(this.#upstream)
    this.#upstream.join(this.#browser)
    this.#upstream.carry(upstream.head)
    this.#browser.carry(browser.head)
  }

  get looks(): number {
    return this.#owner.looks
  }

  /** Closes both sides; again changes nothing. */
  close(code: number, reason: string): void {
    this.#end({ by: 'proxy', code })
    this.#browser.dismiss(code, reason)
    this.#upstream.dismiss(1001, '')
  }

  /** Looks after what only time tells: pings, a side that is gone without a word, an end that takes too long. */
  look(): void {
    const { looks, terms } = this.#owner
    if (looks >= this.#endsAt) return this.#cut()
    if (this.#ending) return
    this.#room = Math.min(terms.messageBurst, this.#room + terms.messages)
    const silent = this.#silentSince(looks - terms.idle)
    if (silent) return this.#lost(silent, 'idle')
    if (looks < this.#pingAt) return
    this.#pingAt = looks + terms.heartbeat
    this.#browser.ping()
    this.#upstream.ping()
  }

  passed(side: Side): void {
    this.#owner.passed(side)
    this.takeRoom(side)
  }

  takeRoom(side: Side): void {
    if (side === 'upstream') return
    this.#room -= 1
    if (this.#room < 0) this.close(1008, 'rate_limited')
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
    // After a goodbye, whoever's it was, the other side need not wait.
    if (this.#ending) this.#otherOf(leg).finish()
    else this.#lost(leg, 'gone')
    this.#open -= 1
    if (this.#open === 0) this.#closed(this.#ending!)
  }

  failed(error: unknown): void {
    this.#owner.failed(error)
  }

  #otherOf(leg: Leg): Leg {
    return leg === this.#browser ? this.#upstream : this.#browser
  }

  /** The side of which nothing has come since then, though it could. */
  #silentSince(look: number): Leg | undefined {
    return [this.#browser, this.#upstream].find((leg) => {
      // A side that is not read shows no life.
      if (leg.held) leg.seenAt = this.looks
      return leg.seenAt <= look
    })
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
    this.#endsAt = this.looks + this.#owner.terms.patience
  }

  #cut(): void {
    this.#browser.cut()
    this.#upstream.cut()
  }

  #closed(ending: Ending): void {
    try {
      this.watch?.closed()
    } catch (error) {
      this.failed(error)
    }
    this.#over?.(ending)
    this.#owner.over(this)
  }
}
