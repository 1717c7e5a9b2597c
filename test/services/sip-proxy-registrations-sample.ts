import { temporaryDir } from '../kit/build.ts'
import { storeAt } from '../kit/store.ts'
import { openRegistrations } from '@switchhook/shared/registrations'
import { openRegistrar } from '../../services/sip-proxy/registrar/index.ts'
import type { Test } from 'tap'
import type { Store } from '@switchhook/shared/database'
import type { Peer } from '../../services/sip-proxy/peer.ts'
import type { Registrar } from '../../services/sip-proxy/registrar/index.ts'
import type { Side, Watch } from '../../services/sip-proxy/relay/contract.ts'

/** A clock that stands until it is told otherwise, Unix milliseconds. */
export interface Clock {
  now: number
}

export interface Counted extends Registrar {
  /** Status of every answer. */
  readonly answers: number[]
  /** What it warned and informed of. */
  readonly said: string[]
  unread: number
}

export const app = '11111111-1111-4111-8111-111111111111'

/** What a browser calls itself. */
export const contact = 'sip:k3j@a1b2c3.invalid;transport=ws'
export const instance = '<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>'

/** A registrar with a store of its own. */
export async function opened(t: Test) {
  const clock = { now: Date.UTC(2026, 0, 1) }
  const store = await storeAt(t, { dataDir: temporaryDir(t) })
  const registrar = registrarAt(store, clock)
  const list = () => registrar.list({ app, limit: 100 })
  const contacts = async () => (await list()).map((one) => [one.contact, one.grantedSeconds])
  return { clock, store, registrar, list, contacts }
}

/** A registrar whose turns a test takes. */
export function registrarAt(store: Store, clock: Clock): Counted {
  const answers: number[] = []
  const said: string[] = []
  const say = (_: unknown, message?: string) => void said.push(message ?? String(_))
  const counted = { answers, said, unread: 0 }
  const registrar = openRegistrar({
    rows: openRegistrations(store),
    metrics: {
      answered: (_upstream, status) => answers.push(status),
      unread: () => (counted.unread += 1),
    },
    log: { warn: say, info: say },
    now: () => clock.now,
  })
  return Object.assign(counted, registrar)
}

type Given = Partial<Peer> & { readonly contactHost?: string }

/** A connection as the relay shows it. */
export class Line {
  readonly watch: Watch
  /** Messages that were wanted. */
  wanted = 0
  #cseq = 0

  constructor(registrar: Registrar, { contactHost, ...peer }: Given = {}) {
    const usual = { upstream: 'phantom', app, address: '192.0.2.1', userAgent: 'Mozilla/5.0' }
    this.watch = registrar.watch({ ...usual, ...peer }, contactHost ?? null)
  }

  pass(from: Side, message: string | Buffer): void {
    const octets = Buffer.from(message)
    if (!this.watch.wants(from, octets.subarray(0, 16))) return
    this.wanted += 1
    this.watch.see(from, octets)
  }

  /** The browser sends a REGISTER with these rows. @returns its CSeq number */
  ask(rows: readonly string[], aor = 'sip:1001@pbx.example'): number {
    this.#cseq += 1
    this.pass('browser', registerText(rows, { aor, cseq: this.#cseq }))
    return this.#cseq
  }

  /** The PBX answers the REGISTER of this CSeq number. */
  answer(cseq: number, status: number, rows: readonly string[] = []): void {
    this.pass('upstream', answerText(rows, { status, cseq }))
  }

  /** A REGISTER that is answered 200. */
  register(rows: readonly string[], answer: readonly string[] = rows, aor?: string): void {
    this.answer(this.ask(rows, aor), 200, answer)
  }
}

/** A REGISTER as text. */
export function registerText(
  rows: readonly string[],
  { aor, cseq }: { aor: string; cseq: number },
): string {
  return [
    'REGISTER sip:pbx.example SIP/2.0',
    'Via: SIP/2.0/WSS a1b2c3.invalid;branch=z9hG4bK1',
    'Max-Forwards: 69',
    `To: <${aor}>`,
    `From: "Ann" <${aor}>;tag=f1`,
    'Call-ID: call1',
    `CSeq: ${cseq} REGISTER`,
    ...rows,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}

/** The answer to one. */
export function answerText(
  rows: readonly string[],
  { status, cseq, method = 'REGISTER' }: { status: number; cseq: number; method?: string },
): string {
  return [
    `SIP/2.0 ${status} Whatever`,
    'Via: SIP/2.0/WSS a1b2c3.invalid;branch=z9hG4bK1;received=192.0.2.1',
    'To: <sip:1001@pbx.example>;tag=t1',
    'From: "Ann" <sip:1001@pbx.example>;tag=f1',
    'Call-ID: call1',
    `CSeq: ${cseq} ${method}`,
    ...rows,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}
