import { CodedError } from '@switchhook/shared/errors'
import { subprotocol, type ControlFrames, type ControlName } from '@switchhook/shared/protocol'
import { controlFrame } from '../feed/encode.ts'
import { handle, parseMessage } from './messages.ts'
import { begin, follow, resume, type Step } from './resume.ts'
import type { Principal } from '@switchhook/plugins/auth'
import type { Connection } from '../transports/websocket.ts'
import type { Feed } from '../feed/index.ts'
import type { Options } from '../config.ts'
import type { View } from '../feed/view.ts'

export interface SessionOptions {
  readonly connection: Connection
  readonly principal: Principal
  readonly clientId: string
  readonly feed: Feed
  readonly limits: Options
}

/** What a client asked for when it connected. */
export interface Hello {
  readonly cursor: string | undefined
  readonly snapshot: boolean
}

const malformedPerMinute = 10

/** One client from `connected` to its close. */
export class Session {
  readonly connection: Connection
  readonly #options: SessionOptions
  readonly #view: View
  #malformed = { since: 0, count: 0 }
  #joining = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.connection = options.connection
    this.#view = options.feed.view(options.principal.role)
  }

  /** When the token ends, Unix milliseconds. */
  get expiresAt(): number {
    return this.#options.principal.exp * 1_000
  }

  /** Greets the client and brings it in step with its view. */
  async start({ cursor, snapshot }: Hello): Promise<void> {
    this.send('connected', this.#greeting())
    if (cursor !== undefined || snapshot) await this.#join(cursor)
    else follow(this.#step)
  }

  /** Leaves the live events and comes back by cursor or, without one, by snapshot. */
  async rejoin(cursor?: string): Promise<void> {
    if (this.#joining) throw new CodedError('conflict')
    this.#view.leave(this.connection)
    await this.#join(cursor)
  }

  /** Handles one message; what is wrong with it is answered, the socket stays. */
  async receive(raw: Buffer, isBinary: boolean): Promise<void> {
    let id: string | number | undefined
    try {
      const message = parseMessage(raw, isBinary)
      id = message.id
      await handle(this, message)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#complain(error, id)
    }
  }

  send<Name extends ControlName>(event: Name, data: ControlFrames[Name], id?: string | number) {
    this.connection.deliver(controlFrame(event, data, id))
  }

  /** Leaves the view; the socket is gone or going. */
  end(): void {
    this.#view.leave(this.connection)
  }

  get #step(): Step {
    return { feed: this.#options.feed, view: this.#view, joiner: this.connection }
  }

  async #join(cursor: string | undefined): Promise<void> {
    this.#joining = true
    try {
      if (cursor === undefined) await begin(this.#step)
      else await resume(this.#step, cursor, { maxEvents: this.#options.limits.replayEvents })
    } finally {
      this.#joining = false
    }
  }

  /** A legacy socket gets exactly what seed 001 shows. */
  #greeting(): ControlFrames['connected'] {
    const { clientId, principal, feed, limits } = this.#options
    const legacy = { clientId, user: principal.user }
    if (!this.connection.modern) return legacy
    return {
      ...legacy,
      proto: subprotocol,
      app: principal.app,
      exp: principal.exp,
      head: `${feed.epoch}:${feed.position}`,
      hb: limits.heartbeatSeconds,
      limits: { message: limits.messageBytes },
      resume: true,
    }
  }

  #complain(error: CodedError, id: string | number | undefined): void {
    const { code, message, fix } = error
    this.send('error', { code, message, ...(fix !== undefined && { fix }) }, id)
    const now = Date.now()
    if (now - this.#malformed.since > 60_000) this.#malformed = { since: now, count: 0 }
    this.#malformed.count += 1
    if (this.#malformed.count >= malformedPerMinute)
      this.connection.close('badFrames', 'bad_frames')
  }
}
