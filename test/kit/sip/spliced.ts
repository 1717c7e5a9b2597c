import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import * as ws from 'ws'
import { Relay, type Ending, type RelayOptions } from '../../../services/sip-proxy/relay/index.ts'
import { until } from '../until.ts'
import type { Rewrite, Watch } from '../../../services/sip-proxy/relay/contract.ts'
import type { Writable } from 'node:stream'
import type { Lifetime } from '../postgres.ts'

const empty = Buffer.alloc(0)

/** It is there, but its types are not. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable }

/** Two ends of one TCP connection. */
export async function socketPair(lifetime: Lifetime): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const far = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  await (far.connecting ? once(far, 'connect') : null)
  server.close()
  for (const socket of [near, far]) socket.setNoDelay()
  lifetime.teardown(() => {
    near.destroy()
    far.destroy()
  })
  return { near, far }
}

/** What arrived at one end, as octets and as an independent reader of frames takes them. */
export class End {
  readonly socket: Socket
  readonly messages: string[] = []
  readonly pings: string[] = []
  readonly pongs: string[] = []
  octets = empty
  /** The close frame: its code and reason. */
  goodbye: { code: number; reason: string } | null = null
  /** Whether the other end finished, or cut. */
  over = false

  constructor(socket: Socket, isServer: boolean) {
    this.socket = socket
    const receiver = new Receiver({ isServer, maxPayload: 0, skipUTF8Validation: true })
    receiver.on('message', (data: Buffer) => this.messages.push(data.toString('latin1')))
    receiver.on('ping', (data: Buffer) => this.pings.push(data.toString()))
    receiver.on('pong', (data: Buffer) => this.pongs.push(data.toString()))
    receiver.on('conclude', (code: number, reason: Buffer) => {
      this.goodbye = { code, reason: reason.toString() }
    })
    receiver.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      this.octets = Buffer.concat([this.octets, chunk])
      receiver.write(chunk)
    })
    socket.on('error', () => {})
    for (const event of ['end', 'close']) socket.on(event, () => (this.over = true))
  }

  /** Resolves when so many octets have arrived. */
  async has(octets: number): Promise<void> {
    await until(() => this.octets.length >= octets)
  }

  async said(): Promise<{ code: number; reason: string }> {
    await until(() => this.goodbye !== null)
    return this.goodbye!
  }

  async ended(): Promise<void> {
    await until(() => this.over)
  }
}

export interface Spliced {
  readonly browser: End
  readonly upstream: End
  readonly relay: Relay
  readonly endings: Ending[]
  readonly failures: unknown[]
}

interface SplicedOptions {
  readonly terms?: Partial<RelayOptions>
  readonly watch?: Watch
  readonly rewrite?: Rewrite
  readonly heads?: { browser?: Buffer; upstream?: Buffer }
}

export const terms = {
  messageBytes: 65_536,
  messageRate: 100_000,
  messageBurst: 100_000,
  heartbeatMs: 60_000,
  idleMs: 120_000,
}

/** A relayed connection between two raw ends. */
export async function spliced(lifetime: Lifetime, options: SplicedOptions = {}): Promise<Spliced> {
  const endings: Ending[] = []
  const failures: unknown[] = []
  const onFailure = (error: unknown): void => void failures.push(error)
  const relay = new Relay({ ...terms, onFailure, ...options.terms })
  lifetime.teardown(() => relay.drain(0))
  const [left, right] = [await socketPair(lifetime), await socketPair(lifetime)]
  const browser = new End(left.far, false)
  const upstream = new End(right.far, true)
  relay.add({
    browser: { socket: left.near, head: options.heads?.browser ?? empty },
    upstream: { socket: right.near, head: options.heads?.upstream ?? empty },
    watch: options.watch ?? null,
    rewrite: options.rewrite ?? null,
    over: (ending) => endings.push(ending),
  })
  return { browser, upstream, relay, endings, failures }
}
