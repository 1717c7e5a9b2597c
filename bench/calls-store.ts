import { mergeCalls, stateOf, type CallState } from '@switchhook/shared/projections'
import type { CallEvent } from '@switchhook/shared/events'
import type { Database } from '@switchhook/shared/database'
import { movesBetween, writeMoves } from '../shared/journal/calls/lists.ts'

/** A number that is a side of every call, and an agent of every second one. */
export const hotNumber = '+15550000000'
export const hotAgent = 'agent-0'
/** Agents of the other calls; the last of them has only a few. */
const agents = 200
export const rareAgent = `agent-${agents}`
export const customers = 200_000
/** The newest calls that still go on. */
const live = 500
/** Events of the newest call. */
export const events = 1_500

const others = ['dialpad', 'vapi', 'signalwire', 'vonage', 'retell', 'standard-webhooks']

interface Part {
  readonly app: string
  readonly from: number
  readonly count: number
  readonly total: number
}

/** Writes some of so many calls as the journal would, a call every ten seconds. */
export async function write(db: Database, { app, from, count, total }: Part): Promise<void> {
  const calls = Array.from({ length: count }, (_, index) => {
    const number = from + index
    const isLive = number >= total - live
    return { id: `call-${number}`, firstSeq: number + 1, isLive, state: callOf(number, isLive) }
  })
  await db.transaction(async (sql) => {
    const rows = calls.map(({ id, firstSeq, isLive, state }) => ({
      app,
      id,
      live: isLive ? 1 : 0,
      first_seq: firstSeq,
      state: JSON.stringify(state),
    }))
    void sql.insert({ into: 'calls', rows })
    writeMoves(
      sql,
      movesBetween(
        app,
        calls.map((call) => [undefined, call]),
      ),
    )
  })
}

/** Gives the newest call its events, and the app its counter. */
export async function finish(db: Database, app: string, total: number): Promise<void> {
  const call = `call-${total - 1}`
  const data = JSON.stringify({ call: { id: call }, details: { note: 'x'.repeat(500) } })
  const delivery = { id: 'd', app, provider: 'telnyx', dedupe_key: 'd', verdict: 'accepted' }
  const rows = Array.from({ length: events }, (_, index) => {
    const seq = total + index
    const [id, type, time] = [`telnyx:${seq}`, 'call.held', timeOf(total)]
    return { app, seq, id, type, time, call, late: 0, delivery: 'd', data }
  })
  await db.transaction(async (sql) => {
    const unread = { received_at: timeOf(0), sealed: new Uint8Array() }
    void sql.insert({ into: 'deliveries', rows: [{ ...delivery, ...unread }] })
    void sql.insert({ into: 'events', rows })
    void sql.query('update counters set seq = $2 where app = $1', app, total + events)
    void sql.insert({ into: 'calls_listed', rows: [{ app, after: null }], conflict: 'ignore' })
  })
}

/** While it is filled, this store need not survive anything. */
export async function hurry(db: Database): Promise<void> {
  await db.query('pragma synchronous = off')
  await db.query('pragma cache_size = -400000')
}

/** When a call began. */
export function timeOf(number: number): string {
  return new Date(Date.UTC(2024, 0, 1) + number * 10_000).toISOString()
}

function callOf(number: number, isLive: boolean): CallState {
  const direction = number % 10 < 7 ? 'inbound' : 'outbound'
  const customer = `+1777${String((number * 7_919) % customers).padStart(7, '0')}`
  const [from, to] = direction === 'inbound' ? [customer, hotNumber] : [hotNumber, customer]
  const id = agentOf(number)
  const agent = { id, email: `${id}@example.com`, name: id }
  const said = { number, from, to, agent, direction } as const
  const begun = stateOf(event({ ...said, type: 'call.initiated', after: 0 }))
  if (isLive) return begun
  return mergeCalls(begun, stateOf(event({ ...said, type: 'call.hangup', after: 60_000 })))
}

function agentOf(number: number): string {
  if (number % 2 === 0) return hotAgent
  return number % 100_001 === 1 ? rareAgent : `agent-${1 + (number % (agents - 1))}`
}

/** Most calls are of two providers, and none is of Plivo. */
function providerOf(number: number): string {
  const share = number % 100
  return share < 70 ? 'telnyx' : share < 90 ? 'twilio' : others[number % others.length]!
}

type Said = Pick<CallEvent, 'type' | 'from' | 'to' | 'agent' | 'direction'> & {
  readonly number: number
  readonly after: number
}

function event({ number, after, ...said }: Said) {
  const provider = providerOf(number)
  const id = `${provider}:${number}-${after}`
  return {
    ...said,
    id,
    provider,
    time: new Date(Date.parse(timeOf(number)) + after).toISOString(),
    order: 0,
    callId: `call-${number}`,
    providerIds: { call_session_id: `call-${number}` },
    joins: [],
    legId: null,
    details: {},
    rawType: said.type,
    seq: number + 1,
  }
}
