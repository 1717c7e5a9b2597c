import type { EventType } from '../events/index.ts'
import type { SampleOptions } from './contract.ts'
import { scriptOf } from './sample-script.ts'

/** One event of a call: when, what, and what only it says. */
export interface Moment {
  readonly afterMs: number
  /** Unix milliseconds. */
  readonly atMs: number
  readonly type: EventType
  readonly details: Readonly<Record<string, unknown>>
}

/** A call as it happens, before a provider tells it in its own words. */
export interface Story {
  readonly inbound: boolean
  readonly from: string
  readonly to: string
  readonly callerName: string
  readonly startMs: number
  readonly answeredMs: number
  readonly endedMs: number
  /** What it cost, if it was answered; minutes begun are billed. */
  readonly cost: { readonly minutes: number; readonly amount: string; readonly currency: string }
  readonly moments: readonly Moment[]
}

const ourNumber = '+13125550100'
const ourName = 'Switchhook Demo'
const pricePerMinute = 0.002
/** Numbers nobody has: 555-0100 to 555-0199 are kept for fiction. */
const people = [
  ['+12025550143', 'Maria Lopez'],
  ['+12065550117', 'Hannah Weiss'],
  ['+13035550162', 'Daniel Okafor'],
  ['+14155550128', 'Priya Raman'],
  ['+15125550179', 'Owen Gallagher'],
  ['+16465550135', 'Bright Smile Dental'],
  ['+17025550151', 'Kenji Watanabe'],
  ['+18565550194', 'Rivera & Sons Plumbing'],
] as const

/** Makes up one whole call. `full` is an answered inbound call with a menu, a hold and a recording. */
export function makeUpStory({ random, startMs, full = false }: SampleOptions): Story {
  const below = (limit: number): number => Math.floor(random() * limit)
  const { inbound, steps } = scriptOf({
    pause: (lowMs, highMs) => lowMs + below(highMs - lowMs),
    story: full ? 0 : random(),
    held: full || random() < 0.35,
    menuDigit: String(1 + below(4)),
  })
  let afterMs = 0
  const moments = steps.map(({ gapMs, type, details }): Moment => {
    afterMs += gapMs
    return { afterMs, atMs: startMs + afterMs, type, details }
  })
  const timeOf = (type: EventType): number =>
    moments.find((moment) => moment.type === type)?.atMs ?? startMs
  const [answeredMs, endedMs] = [timeOf('call.answered'), timeOf('call.hangup')]
  const [number, name] = people[below(people.length)]!
  return {
    inbound,
    ...(inbound ? { from: number, to: ourNumber } : { from: ourNumber, to: number }),
    callerName: inbound ? name : ourName,
    startMs,
    answeredMs,
    endedMs,
    cost: costOf(Math.ceil((endedMs - answeredMs) / 60_000)),
    moments,
  }
}

function costOf(minutes: number): Story['cost'] {
  return { minutes, amount: (minutes * pricePerMinute).toFixed(4), currency: 'USD' }
}
