import { listOfAddress, listOfAgent, type CallQuery, type Group } from '@switchhook/shared/journal'
import { customers, hotAgent, hotNumber, rareAgent, timeOf } from './calls-store.ts'

const any: CallQuery = {
  state: null,
  from: null,
  to: null,
  provider: null,
  direction: null,
  groups: [],
  after: null,
  limit: 50,
}

const number = (value: string): Group[] => [{ list: listOfAddress(value), provider: null }]
const agent = (value: string): Group[] => [{ list: listOfAgent(value), provider: null }]
const hot = { number: number(hotNumber), agent: agent(hotAgent) }
const rare = { number: number(`+1777${'0'.repeat(7)}`), agent: agent(rareAgent) }
const nobody = { number: number('+19990000000'), agent: agent('nobody') }
/** An agent with fifty customers of its own. */
const own = Array.from({ length: 50 }, (_, index) =>
  number(`+1777${String((index * 3_001) % customers).padStart(7, '0')}`),
).flat()

/** Something people ask of so many calls. */
export interface Question {
  readonly name: string
  readonly query: CallQuery
  /** Whether there are such calls. */
  readonly finds: boolean
}

/** Values of every call, of few and of none, alone and together. */
export function questions(total: number): readonly Question[] {
  return [...asking(answered(total), true), ...asking(unanswered(total), false)]
}

type Asked = Readonly<Record<string, Partial<CallQuery>>>

function asking(asked: Asked, finds: boolean): Question[] {
  return Object.entries(asked).map(([name, query]) => ({
    name,
    query: { ...any, ...query },
    finds,
  }))
}

function answered(total: number): Asked {
  const [half, end] = [timeOf(total / 2), timeOf(total / 2 + 100)]
  const deep = { startedAt: timeOf(total / 10), firstSeq: 1 }
  return {
    'no filter': {},
    'no filter, limit=200': { limit: 200 },
    'no filter, deep cursor': { after: deep },
    'state=live': { state: 'live' },
    'state=ended': { state: 'ended' },
    'from, to: 100 calls in the middle': { from: half, to: end },
    'provider, most calls': { provider: 'telnyx' },
    'provider, few calls': { provider: 'vonage' },
    direction: { direction: 'inbound' },
    'number of every call': { groups: [hot.number] },
    'number of every call, deep cursor': { groups: [hot.number], after: deep },
    'number of five calls': { groups: [rare.number] },
    'agent of half of them': { groups: [hot.agent] },
    'agent of few': { groups: [rare.agent] },
    'state=live, number of every call': { state: 'live', groups: [hot.number] },
    'provider, direction': { provider: 'telnyx', direction: 'outbound' },
    'provider, from, to': { provider: 'vonage', from: half, to: timeOf(total) },
    'number of every call, provider, few': { groups: [hot.number], provider: 'vonage' },
    'number of every call, direction': { groups: [hot.number], direction: 'outbound' },
    'number of every call, from, to': { groups: [hot.number], from: half, to: end },
    'agent of half, direction, provider': {
      groups: [hot.agent],
      direction: 'outbound',
      provider: 'twilio',
    },
    'number of every call, agent of half': { groups: [hot.number, hot.agent] },
    'number of every call, agent of few': { groups: [hot.number, rare.agent] },
    'number of five calls, agent of half': { groups: [rare.number, hot.agent] },
    'number, agent, provider, direction, ended': {
      groups: [hot.number, hot.agent],
      provider: 'twilio',
      direction: 'inbound',
      state: 'ended',
    },
    'own: fifty numbers': { groups: [own] },
    'own: fifty numbers, limit=200, deep': { groups: [own], limit: 200, after: deep },
    'own: fifty numbers, number of every call': { groups: [own, hot.number] },
  }
}

function unanswered(total: number): Asked {
  return {
    'from: after the last call': { from: timeOf(total + 1) },
    'to: before the first call': { to: timeOf(-1) },
    'provider, none': { provider: 'plivo' },
    'number of none': { groups: [nobody.number] },
    'agent of none': { groups: [nobody.agent] },
    'state=live, number of none': { state: 'live', groups: [nobody.number] },
    'state=ended, provider, none': { state: 'ended', provider: 'plivo' },
    'number of every call, provider, none': { groups: [hot.number], provider: 'plivo' },
    'number of every call, agent of none': { groups: [hot.number, nobody.agent] },
    'agents of other halves (too far: a short page)': {
      groups: [hot.agent, agent('agent-1').concat(agents)],
    },
  }
}

/** The agents of what is not the hot one's. */
const agents = Array.from({ length: 49 }, (_, index) => agent(`agent-${index + 2}`)).flat()
