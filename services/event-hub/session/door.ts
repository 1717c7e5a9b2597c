import type { FastifyBaseLogger } from 'fastify'
import type { Principal } from '@switchhook/plugins/auth'
import type { Claims } from '@switchhook/shared/claims'
import type { CloseName, ControlFrames, ControlName } from '@switchhook/shared/protocol'
import type { Bucket } from '../../bucket.ts'
import type { Options } from '../config.ts'
import type { Feed } from '../feed/index.ts'
import type { Form } from '../feed/forms.ts'
import type { HubMetrics } from '../metrics.ts'
import type { Presence } from '../presence/index.ts'

/** The use of a feed by one client; to be given back once. */
export interface Lease {
  readonly feed: Feed
  release(): void
}

/** What carries frames to a client, as the hub looks after it. */
export interface Line {
  readonly open: boolean
  /** Bytes that the client has not taken yet. */
  readonly waiting: number
  /** When the client last showed a sign of life, Unix milliseconds. */
  readonly lastSeen: number
  /** What its frames look like. */
  readonly form: Form
  /** The client can say nothing on it: it cannot renew its token, nor take up another line before this one ends. */
  readonly oneWay: boolean
  /** When the client is to come back on another one, Unix milliseconds. */
  readonly rotateAt: number
  /** Whether something waits and nothing has left for too long, as far as it was asked before. */
  stalled(now: number): boolean
  close(name: CloseName, reason: string): void
  /** Resolves when it is closed for good. */
  whenClosed(): Promise<void>
}

/** A line as its session writes to it. */
export interface Wire extends Line {
  write(frames: Buffer): void
  /** Resolves when no more than so many bytes wait, or it is closed. */
  drained(bytes: number): Promise<void>
}

/** A client as the hub looks after it, whatever it is connected by. */
export interface Client {
  readonly connection: Line
  readonly principal: Principal
  readonly feed: Feed
  /** Understands control frames. */
  readonly modern: boolean
  /** Which of the heartbeats of a round is this client's. */
  readonly slot: number
  /** The end of the token that the client was warned of. */
  warnedOf: number | null
  /** Sends a sign of life. */
  beat(): void
  send<Name extends ControlName>(event: Name, data: ControlFrames[Name]): void
}

/** Where clients are taken in. */
export interface Reception {
  /** A line of which nobody knows yet whose it is. */
  expect(line: Line): void
  /** It is a client's now, or gone. */
  unexpect(line: Line): void
  /** @throws CodedError `too_many_sockets`; or what kept the journal from being read */
  acquire(principal: Principal): Promise<Lease>
  add(client: Client): void
  remove(client: Client): void
}

/** What a client meets when it comes in. */
export interface Door {
  readonly hub: Reception
  /** How many more may come in now. */
  readonly room: Bucket
  readonly limits: Options
  readonly metrics: HubMetrics
  readonly log: FastifyBaseLogger
  readonly presence: Presence
  readonly claims: Claims
  /** A name of this process. */
  readonly node: string
  /** @throws CodedError `auth_invalid`, `auth_expired` */
  verifyToken(token: string): Promise<Principal>
  /** A client's work failed on our side: it is logged, and the line closed. */
  failed(connection: Line, error: unknown): void
}
