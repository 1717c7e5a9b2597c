import { newestFirst, type BoardCall } from './board.ts'
import { lookOf, type Look } from './look.ts'

/** How many live calls look how, and how many there are. */
export type Counts = Readonly<Record<'ringing' | 'answered' | 'held' | 'waiting' | 'live', number>>

/** Counts the live calls. */
export function countCalls(calls: Iterable<BoardCall>): Counts {
  const counts = { ringing: 0, answered: 0, held: 0, waiting: 0, live: 0 }
  for (const { record } of calls) {
    if (record.phase === 'ended') continue
    counts.live += 1
    const look = lookOf(record)
    if (look === 'ringing' || look === 'answered' || look === 'held') counts[look] += 1
    else counts.waiting += 1
  }
  return counts
}

/** The calls in which every word of the filter is found, newest first. */
export function selectCalls(calls: Iterable<BoardCall>, filter: string): BoardCall[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const all = words.length === 0 ? [...calls] : [...calls].filter((call) => matches(call, words))
  return all.sort(newestFirst)
}

function matches(call: BoardCall, words: readonly string[]): boolean {
  const text = textOf(call)
  return words.every((word) => text.includes(word) || text.includes(digitsOf(word)))
}

/** Numbers are found however they are grouped: `(202) 555` finds +1202555… */
function digitsOf(word: string): string {
  const digits = word.replaceAll(/[^0-9]/g, '')
  return digits.length >= 2 && !/[a-z]/.test(word) ? digits : word
}

function textOf({ record, callerName }: BoardCall): string {
  const { id, from, to, provider, direction, agent } = record
  const look: Look | 'waiting' = lookOf(record)
  const group = look === 'initiated' || look === 'queued' ? 'waiting' : ''
  return [look, group, from, to, callerName, agent?.name, agent?.email, provider, direction, id]
    .join(' ')
    .toLowerCase()
}
