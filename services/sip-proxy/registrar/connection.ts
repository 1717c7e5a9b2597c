import { createHash, randomBytes } from 'node:crypto'
import { isMalformed, parse, type Message } from '@switchhook/shared/sip'
import { answerOf, bindingOf, decoded, grantedTo, registerOf, plain } from './reading.ts'
import type { Rewrite, Side, Watch } from '../relay/contract.ts'
import type { Peer } from '../peer.ts'
import type { RegistrarMetrics } from './metrics.ts'
import type { Answer, Contact, Register } from './reading.ts'
import type { Held, Table } from './table.ts'

/** What all connections share. */
export interface Parts {
  readonly table: Table
  /** Unix milliseconds. */
  readonly now: () => number
  readonly metrics: RegistrarMetrics
}

/** REGISTERs of a connection that wait for their answers; of more, the first ones' are not looked for. */
const maxOutstanding = 8
/** Timer F (RFC 3261 §17.1.2.2), twice: nobody waits for an answer any more. */
const patienceMs = 64_000
/** Bindings of a connection; of more, those of longest ago are not shown. */
const maxBindings = 16

const register = Buffer.from('REGISTER ')
const answer = Buffer.from('SIP/')

interface Outstanding {
  readonly register: Register
  readonly until: number
}

/** What one connection registers. Of everything that passes it reads REGISTERs and, while one is under way, answers. */
export class ConnectionRegistrations implements Watch {
  readonly #peer: Peer
  readonly #parts: Parts
  readonly #rewrite: Rewrite | null
  /** Unique over all processes; made when there is something to name. */
  #id: string | null = null
  /** By transaction, the first one first; null while there is none, for there are many connections. */
  #outstanding: Map<string, Outstanding> | null = null
  /** By AOR and binding; the one registered longest ago first. */
  #bindings: Map<string, Binding> | null = null

  /** @param rewrite makes of what the PBX says what the browser reads; null: they say the same */
  constructor(peer: Peer, parts: Parts, rewrite: Rewrite | null) {
    this.#peer = peer
    this.#parts = parts
    this.#rewrite = rewrite
  }

  wants(from: Side, beginning: Buffer): boolean {
    if (from === 'browser') return begins(beginning, register)
    return this.#outstanding !== null && begins(beginning, answer) && this.#isWaiting()
  }

  see(from: Side, octets: Buffer): void {
    const rewritten = this.#rewrite?.rewrite(from, octets) ?? octets
    // What the browser says and what it is told: so it knows its own Contact in the answer, and so do we.
    const told = from === 'browser' ? octets : rewritten
    // The relay has judged how large it may be.
    const message = parse(told, told.length)
    const isRead = !isMalformed(message) && this.#read(from, message)
    if (!isRead) this.#parts.metrics.unread(this.#peer.upstream)
  }

  /** Whatever the PBX still has, there is no way to it any more. */
  closed(): void {
    for (const name of this.#bindings?.keys() ?? []) this.#remove(name)
    this.#outstanding = null
  }

  /** @returns whether it was understood */
  #read(from: Side, message: Message): boolean {
    if (from === 'browser') {
      const asked = registerOf(message)
      if (asked) this.#ask(asked)
      return asked !== null
    }
    const answered = answerOf(message)
    if (!answered) return !isMalformed(message.contacts)
    const waiting = this.#outstanding?.get(answered.transaction)
    if (!waiting) return true
    this.#giveUp(answered.transaction)
    this.#parts.metrics.answered(this.#peer.upstream, answered.status)
    if (answered.status < 300) this.#accept(waiting.register, answered)
    return true
  }

  #ask(asked: Register): void {
    const until = this.#parts.now() + patienceMs
    this.#outstanding ??= new Map()
    this.#outstanding.delete(asked.transaction)
    this.#outstanding.set(asked.transaction, { register: asked, until })
    if (this.#outstanding.size > maxOutstanding) this.#giveUpFirst()
  }

  #isWaiting(): boolean {
    const now = this.#parts.now()
    for (const { until } of this.#outstanding?.values() ?? []) {
      if (until > now) return true
      this.#giveUpFirst()
    }
    return false
  }

  #giveUpFirst(): void {
    for (const transaction of this.#outstanding?.keys() ?? []) return this.#giveUp(transaction)
  }

  #giveUp(transaction: string): void {
    this.#outstanding?.delete(transaction)
    if (this.#outstanding?.size === 0) this.#outstanding = null
  }

  #accept(asked: Register, answered: Answer): void {
    if (asked.contacts === '*') {
      const ofAor = nameOf(asked.aor, '')
      for (const name of this.#bindings?.keys() ?? []) {
        if (name.startsWith(ofAor)) this.#remove(name)
      }
      return
    }
    for (const contact of asked.contacts) {
      const seconds = grantedTo(contact, asked, answered)
      const name = nameOf(asked.aor, bindingOf(contact))
      if (seconds > 0) this.#put(name, { asked, contact, seconds })
      else this.#remove(name)
    }
  }

  #put(name: string, granted: Granted): void {
    const { contact, seconds } = granted
    const bindings = (this.#bindings ??= new Map<string, Binding>())
    const known = bindings.get(name)
    const id = known?.id ?? this.#idOf(name)
    bindings.delete(name)
    bindings.set(name, { id, uri: contact.uri })
    if (known?.uri !== contact.uri || !this.#renew(id, seconds)) {
      this.#parts.table.put(this.#rowOf(id, granted))
    }
    if (bindings.size > maxBindings) this.#remove(bindings.keys().next().value!)
  }

  /** Most REGISTERs say nothing new. */
  #renew(id: string, seconds: number): boolean {
    const { table, now } = this.#parts
    return table.renew(id, this.#connection, { seconds, at: now() })
  }

  #remove(name: string): void {
    const id = this.#bindings?.get(name)?.id ?? this.#idOf(name)
    this.#bindings?.delete(name)
    this.#parts.table.remove(id, this.#connection)
  }

  get #connection(): string {
    return (this.#id ??= randomBytes(16).toString('base64url'))
  }

  #rowOf(id: string, { asked, contact, seconds }: Granted): Held {
    const now = this.#parts.now()
    const { aor, user } = asked
    const { app, upstream, address, userAgent } = this.#peer
    return {
      app,
      upstream,
      address,
      connection: this.#connection,
      id,
      aor,
      user,
      contact: decoded(contact.uri),
      instance: contact.instance === null ? null : decoded(contact.instance),
      userAgent: plain(asked.userAgent ?? userAgent) || null,
      grantedSeconds: seconds,
      expiresAt: now + seconds * 1_000,
      registeredAt: now,
    }
  }

  /** The same whatever connection it comes over. */
  #idOf(name: string): string {
    const { app, upstream } = this.#peer
    const key = JSON.stringify([app, upstream, name])
    return createHash('sha256').update(key).digest('base64url')
  }
}

/** A row of this connection, and the Contact it was made of, an octet a character. */
interface Binding {
  readonly id: string
  readonly uri: string
}

interface Granted {
  readonly asked: Register
  readonly contact: Contact
  readonly seconds: number
}

/** Asked of every message: no iterator, no slice. */
function begins(octets: Buffer, beginning: Buffer): boolean {
  for (let index = 0; index < beginning.length; index += 1) {
    if (octets[index] !== beginning[index]) return false
  }
  return true
}

/** An AOR has no spaces. */
function nameOf(aor: string, binding: string): string {
  return `${aor} ${binding}`
}
