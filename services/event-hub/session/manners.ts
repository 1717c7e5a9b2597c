import { Bucket } from '../../bucket.ts'
import { Strikes } from './strikes.ts'

interface MessageLimits {
  /** A second. */
  readonly messageRate: number
  readonly messageBurst: number
}

const pings = { rate: 2, burst: 10 }
const mostMalformed = 10
const mostFloods = 2
/** A flood is one offence, however many messages it has. */
const floodMs = 1_000

/** How a client behaves: how fast it talks, and whether it makes sense. */
export class Manners {
  readonly #messages: Bucket
  readonly #pings = new Bucket(pings.rate, pings.burst)
  readonly #malformed = new Strikes(mostMalformed)
  readonly #floods = new Strikes(mostFloods)

  constructor({ messageRate, messageBurst }: MessageLimits) {
    this.#messages = new Bucket(messageRate, messageBurst)
  }

  /** @returns 0 if the client may say that now, else how long it has to wait, ms */
  waitFor(type: string): number {
    return (type === 'ping' ? this.#pings : this.#messages).take()
  }

  /** What is to be done about a message that came too soon. */
  flooded(now = Date.now()): 'nothing' | 'warn' | 'close' {
    if (!this.#floods.quietFor(now, floodMs)) return 'nothing'
    return this.#floods.add(now) ? 'close' : 'warn'
  }

  /** @returns whether messages that make no sense have come once too often */
  malformed(now = Date.now()): boolean {
    return this.#malformed.add(now)
  }
}
