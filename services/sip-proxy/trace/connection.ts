import { addressIn, aorText, type Aor } from './aor.ts'
import { maskMessage, maskStartLine } from './mask.ts'
import { readText, valueOf, type SipText } from './text.ts'
import type { CallFacts, NewMessage } from '@switchhook/shared/sip-traces'
import type { Side, Watch } from '../relay/contract.ts'
import type { Choice } from './choice.ts'
import type { Collector } from './collector.ts'
import type { Peer, Place } from '../peer.ts'
import type { Recorder } from './recorder.ts'
import type { Share } from '../share.ts'

/** What all connections share. */
interface Parts {
  readonly recorder: Recorder
  readonly collector: Collector | null
  readonly share: Share
  readonly onError: (error: unknown) => void
}

/** Users that a connection registers and that are remembered of it. */
const maxUsers = 16
/** What the store keeps of a name. */
const longest = 255
const none: readonly Aor[] = []
const nowhere: Place = { address: '', port: 0 }

/** The trace of one connection. */
export class ConnectionTrace implements Watch {
  readonly #peer: Peer
  readonly #choice: Choice
  readonly #parts: Parts
  /** Who registered over it since somebody is traced. */
  #users: readonly Aor[] = none

  constructor(peer: Peer, choice: Choice, parts: Parts) {
    this.#peer = peer
    this.#choice = choice
    this.#parts = parts
  }

  /** Keepalives begin with CR or LF. */
  wants(_from: Side, beginning: Buffer): boolean {
    return this.#choice.on && beginning[0]! > 0x20
  }

  see(from: Side, message: Buffer): void {
    // A trace is no reason to end a connection.
    try {
      const { share, recorder } = this.#parts
      if (share.spend(() => this.#write(from, message))) return
      // Whose it would have been was not read: it is missing to all.
      for (const { app, id } of this.#choice.traces) recorder.miss(app, id)
    } catch (error) {
      this.#parts.onError(error)
    }
  }

  closed(): void {
    this.#users = none
  }

  #write(from: Side, message: Buffer): void {
    const { recorder, collector } = this.#parts
    const text = readText(message)
    const call = plain(valueOf(text, 'call-id'))
    if (call === '') return
    if (from === 'browser') this.#learn(text)
    const trace = this.#choice.traceOf(call, text, this.#users)
    if (!trace) return
    const { upstream, address, port = null } = this.#peer
    const masked = maskMessage(text)
    const startLine = maskStartLine(text)
    const shown = { from, upstream, address, port, startLine, message: masked }
    const written: NewMessage = {
      app: trace.app,
      trace: trace.id,
      call,
      at: microseconds(),
      facts: this.#factsOf(text),
      message: shown,
    }
    recorder.add(written)
    collector?.send({ ...this.#endsOf(from), at: written.at, call, message: masked })
  }

  /** Whose connection it is: who registers over it is written down whatever its messages are called. */
  #learn(text: SipText): void {
    const user = /^REGISTER /i.test(text.startLine) ? addressIn(text, 'to') : null
    if (!user || this.#users.some((one) => aorText(one) === aorText(user))) return
    this.#users = [user, ...this.#users].slice(0, maxUsers)
  }

  #factsOf(text: SipText): CallFacts {
    const [first = ''] = text.startLine.split(' ', 1)
    const isResponse = /^SIP\//i.test(first)
    const method = isResponse ? (valueOf(text, 'cseq').split(/\s+/)[1] ?? '') : first
    const party = (name: 'from' | 'to'): string => {
      const aor = addressIn(text, name)
      return plain(aor ? aorText(aor) : '')
    }
    const { upstream } = this.#peer
    return { method: plain(method), from: party('from'), to: party('to'), upstream }
  }

  #endsOf(from: Side): { from: Place; to: Place } {
    const { address, port = 0, target = nowhere } = this.#peer
    const browser = { address, port }
    return from === 'browser' ? { from: browser, to: target } : { from: target, to: browser }
  }
}

let last = 0

/** Unix microseconds, of which no two messages have the same: they show in the order they passed. */
function microseconds(): number {
  last = Math.max(last + 1, Date.now() * 1_000)
  return last
}

/** Text that every store takes, not longer than a name. */
function plain(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, longest)
    .toWellFormed()
}
