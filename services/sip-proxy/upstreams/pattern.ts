import { Script } from 'node:vm'

/** The pattern as an id is held against it: whole, whatever it says of ends itself. */
export const anchored = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`)

/** What is wrong with a pattern for ids; null if nothing is. */
export function patternFault(pattern: string): string | null {
  try {
    // By itself: between the brackets it is put into, half a pattern can be a whole one.
    RegExp(pattern)
  } catch (error) {
    return `is not a regular expression: ${(error as Error).message}`
  }
  // Once more, for a busy machine may have been the slow one.
  const isSlow = !answersInTime(pattern) && !answersInTime(pattern)
  return isSlow ? 'takes too long for some ids: it has repetitions within repetitions' : null
}

/** An id is looked at while everybody waits; most take a microsecond. */
const timeout = 250

/** Long, and wrong only at the end: what makes a pattern try all it can. */
const trying = ['0', 'a', 'A', '-', '.'].flatMap((most) =>
  ['0', 'a', '-', '.'].map((last) => most.repeat(63) + last),
)
const script = new Script('ids.forEach((id) => match.test(id))')

function answersInTime(pattern: string): boolean {
  try {
    script.runInNewContext({ ids: trying, match: anchored(pattern) }, { timeout })
    return true
  } catch {
    return false
  }
}
