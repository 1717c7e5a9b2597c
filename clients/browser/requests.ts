import type {
  ClientMessage,
  ControlFrame,
  ControlFrames,
  ControlName,
} from '@switchhook/shared/protocol'
import type { Clock } from './link/socket.ts'

/** Why there is no answer: a code of the hub's table, or `timeout`, `connection_lost`, `closed`. */
export class HubError extends Error {
  declare readonly code: string
  /** What helps, if the hub knows. */
  declare readonly fix?: string
  /** When to ask again, milliseconds, if the hub says so. */
  declare readonly retryMs?: number

  constructor(error: Partial<ControlFrames['error']> & { code: string }) {
    super(error.message ?? error.code)
    Object.assign(this, error)
  }
}

interface Pending {
  readonly message: ClientMessage
  readonly settle: (answer: unknown) => void
  sent?: boolean
}

/** How long a request may take, from being made to being answered. */
const deadlineMs = 10_000
/** Requests that wait for their answer; one more is refused. */
const maxPending = 100

/** Questions to the hub, each with its answer or the reason why there is none. */
export class Requests {
  readonly #clock: Clock
  /** @returns false when there is no socket to say it on */
  readonly #send: (message: ClientMessage) => boolean
  readonly #pending = new Map<unknown, Pending>()
  #lastId = 0
  /** Why nothing is asked any more. */
  #over = ''

  constructor(clock: Clock, send: (message: ClientMessage) => boolean) {
    this.#clock = clock
    this.#send = send
  }

  /** Asks now, or as soon as there is a connection. @throws HubError */
  ask<Answer extends ControlName>(
    type: string,
    data: Record<string, unknown>,
  ): Promise<ControlFrames[Answer]> {
    return new Promise((resolve, reject) => {
      if (this.#over || this.#pending.size >= maxPending)
        return reject(new HubError({ code: this.#over || 'rate_limited' }))
      const id = ++this.#lastId
      const settle = (answer: unknown): void => {
        callOff()
        this.#pending.delete(id)
        if (answer instanceof HubError) reject(answer)
        else resolve(answer as ControlFrames[Answer])
      }
      const callOff = this.#clock.after(deadlineMs, () => settle(new HubError({ code: 'timeout' })))
      this.#pending.set(id, { message: { type, id, data }, settle })
      this.flush()
    })
  }

  /** Says what could not be said so far. */
  flush(): void {
    for (const one of this.#pending.values()) one.sent ||= this.#send(one.message)
  }

  /** Gives a request its answer, if that is what the frame is. */
  take({ event, data, id }: ControlFrame): void {
    this.#pending.get(id)?.settle(event === 'error' ? new HubError(data) : data)
  }

  /** What was said on a socket that is gone is not answered any more; `all`: nor is the rest, nor what comes. */
  fail(code: string, all: boolean): void {
    this.#over = all ? code : ''
    for (const { sent, settle } of this.#pending.values())
      if (all || sent) settle(new HubError({ code }))
  }
}
