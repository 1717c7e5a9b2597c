import { createHash, randomBytes } from 'node:crypto'
import { isMalformed, parse, type Message } from '@switchhook/shared/sip'
import { answerOf, bindingOf, decoded, grantedTo, isSame, registerOf, plain } from './reading.ts'
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

const method = Buffer.from('REGISTER')
const sequence = Buffer.from('\nCSeq:')
const register = Buffer.from('REGISTER ')
const answer = Buffer.from('SIP/')

interface Outstanding {
  readonly register: Register
  readonly until: number
}

/** A row of this connection, and what it was made of, an octet a character. */
interface Binding {
  readonly row: Held
  /** What the AOR knows it by. */
  readonly name: string
  readonly uri: string
}

/** Lists are made anew when they change: most are empty or of one, and one that grows makes room for many. */
const none: readonly never[] = []

/** What one connection registers. Of everything that passes it reads REGISTERs and, while one is under way, answers. */
export class ConnectionRegistrations implements Watch {
  readonly #peer: Peer
  readonly #parts: Parts
  readonly #rewrite: Rewrite | null
  /** Unique over all processes; made when there is something to name. */
  #id: string | null = null
  /** The first one first. */
  #outstanding: readonly Outstanding[] = none
  /** The one registered longest ago first. */
  #bindings: readonly Binding[] = none

  /** @param rewrite makes of what the PBX says what the browser reads; null: they say the same */
  constructor(peer: Peer, parts: Parts, rewrite: Rewrite | null) {
    this.#peer = peer
    this.#parts = parts
    this.#rewrite = rewrite
  }

  wants(from: Side, beginning: Buffer): boolean {
    if (from === 'browser') return begins(beginning, register)
    return this.#outstanding.length > 0 && begins(beginning, answer) && this.#isWaiting()
  }

  see(from: Side, octets: Buffer): void {
    const rewritten = this.#rewrite?.rewrite(from, octets) ?? octets
    // What the browser says and what it is told: so it knows its own Contact in the answer, and so do we.
    const told = from === 'browser' ? octets : rewritten
    if (from === 'upstream' && isToAnother(told)) return
    // The relay has judged how large it may be.
    const message = parse(told, told.length)
    const isRead = !isMalformed(message) && this.#read(from, message)
    if (!isRead) this.#parts.metrics.unread(this.#peer.upstream)
  }

  /** Whatever the PBX still has, there is no way to it any more. */
  closed(): void {
    for (const { row } of this.#bindings) this.#parts.table.remove(row)
    this.#bindings = none
    this.#outstanding = none
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
    const waiting = this.#outstanding.find((one) => isSame(one.register, answered))
    if (!waiting) return true
    this.#giveUp(waiting)
    this.#parts.metrics.answered(this.#peer.upstream, answered.status)
    if (answered.status < 300) this.#accept(waiting.register, answered)
    return true
  }

  #ask(asked: Register): void {
    const until = this.#parts.now() + patienceMs
    const others = this.#outstanding.filter((one) => !isSame(one.register, asked))
    this.#outstanding = others.concat({ register: asked, until }).slice(-maxOutstanding)
  }

  #isWaiting(): boolean {
    const now = this.#parts.now()
    if (this.#outstanding[0]!.until <= now) {
      this.#outstanding = this.#outstanding.filter(({ until }) => until > now)
    }
    return this.#outstanding.length > 0
  }

  #giveUp(waiting: Outstanding): void {
    this.#outstanding = without(this.#outstanding, waiting)
  }

  #accept(asked: Register, answered: Answer): void {
    if (asked.contacts === '*') {
      for (const binding of this.#bindings) if (binding.row.aor === asked.aor) this.#remove(binding)
      return
    }
    for (const contact of asked.contacts) {
      const seconds = grantedTo(contact, asked, answered)
      if (seconds > 0) this.#put({ asked, contact, seconds })
      else this.#remove(this.#known(asked.aor, bindingOf(contact)))
    }
  }

  #known(aor: string, name: string): Binding | undefined {
    return this.#bindings.find((one) => one.name === name && one.row.aor === aor)
  }

  #put(granted: Granted): void {
    const { asked, contact, seconds } = granted
    const name = bindingOf(contact)
    const known = this.#known(asked.aor, name)
    const goesOn = known?.uri === contact.uri && this.#renew(known.row, seconds)
    const latest = goesOn ? known : this.#begun(name, granted)
    this.#bindings = without(this.#bindings, known).concat(latest)
    if (this.#bindings.length > maxBindings) this.#remove(this.#bindings[0])
  }

  /** Most REGISTERs say nothing new. */
  #renew(row: Held, seconds: number): boolean {
    return this.#parts.table.renew(row, { seconds, at: this.#parts.now() })
  }

  #begun(name: string, granted: Granted): Binding {
    const row = this.#rowOf(name, granted)
    this.#parts.table.put(row)
    return { row, name, uri: granted.contact.uri }
  }

  #remove(binding: Binding | undefined): void {
    if (!binding) return
    this.#bindings = without(this.#bindings, binding)
    this.#parts.table.remove(binding.row)
  }

  get #connection(): string {
    return (this.#id ??= randomBytes(16).toString('base64url'))
  }

  #rowOf(name: string, { asked, contact, seconds }: Granted): Held {
    const now = this.#parts.now()
    const { aor, user } = asked
    const { app, upstream, address, userAgent } = this.#peer
    return {
      app,
      upstream,
      address,
      connection: this.#connection,
      id: this.#idOf(`${aor} ${name}`),
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

  /** The same whatever connection it comes over. @param name an AOR has no spaces */
  #idOf(name: string): string {
    const { app, upstream } = this.#peer
    const key = JSON.stringify([app, upstream, name])
    return createHash('sha256').update(key).digest('base64url')
  }
}

interface Granted {
  readonly asked: Register
  readonly contact: Contact
  readonly seconds: number
}

function without<T>(list: readonly T[], out: T | undefined): readonly T[] {
  const others = list.filter((one) => one !== out)
  return others.length > 0 ? others : none
}

/** Most answers that pass while one is waited for say that they are to something else: they need not be read. */
function isToAnother(octets: Buffer): boolean {
  return octets.includes(sequence) && !octets.includes(method)
}

/** Asked of every message: no iterator, no slice. */
function begins(octets: Buffer, beginning: Buffer): boolean {
  for (let index = 0; index < beginning.length; index += 1) {
    if (octets[index] !== beginning[index]) return false
  }
  return true
}
