import { fault, fine, type Finding } from '../finding.ts'
import type { Answer } from '../answer.ts'

/** What differs less is told by nobody: providers and machines with NTP differ by less. */
const worthTelling = 60
/** What most verifiers tolerate, in either direction. */
const tolerated = 300
/** Two clocks that differ by no more are the same one: `Date` has whole seconds, and answers take a while. */
const same = 10

/** How far the service's clock is ahead of this machine's, seconds; negative if it is behind. */
export interface Skew {
  readonly seconds: number
  /** The same for the `Date` header of the answer, which the first proxy may have written; null without one. */
  readonly dateSeconds: number | null
}

/**
 * The skew, from the age the service gives to a signature.
 * @param signedSeconds how long before now it was signed, by our clock
 */
export function skewOf(
  problem: { code: string; detail: string },
  answer: Answer,
  signedSeconds = 0,
): Skew | null {
  const seconds = /(\d+) s\b/.exec(problem.detail)?.[1]
  if (seconds === undefined) return null
  const age = problem.code === 'timestamp_in_future' ? -Number(seconds) : Number(seconds)
  const date = Date.parse(answer.headers['date'] ?? '')
  return {
    seconds: age - signedSeconds,
    dateSeconds: Number.isNaN(date) ? null : Math.round((date - answer.atMs) / 1000),
  }
}

/** Whose clock is off, and by how much, while samples still pass; null if there is nothing to tell. */
export function clockFinding(skew: Skew): Finding | null {
  if (Math.abs(skew.seconds) <= worthTelling) return null
  const { says, fix } = whose(skew)
  return fine('clock_skew', `${says}; beyond ${tolerated} s everything is refused`, fix)
}

/** The same of a sample that was refused for its time. */
export function refusedFor(skew: Skew): Finding {
  const { says, fix } = whose(skew)
  return fault('clock_skew', `refused for its time: ${says}`, fix)
}

function whose({ seconds, dateSeconds }: Skew): { says: string; fix: string } {
  const [by, direction] = [Math.abs(seconds), seconds > 0 ? 'ahead' : 'behind']
  const service = `the clock of the service is ${by} s ${direction}`
  const setIt = "Set the clock of the service's machine: timedatectl set-ntp true."
  if (dateSeconds === null) {
    return { says: `${service} of this machine's`, fix: `Compare date -u on both. ${setIt}` }
  }
  if (Math.abs(dateSeconds) <= same) {
    return { says: `${service}: the endpoint's Date header agrees with this machine`, fix: setIt }
  }
  if (Math.abs(dateSeconds - seconds) <= same) {
    const opposite = seconds > 0 ? 'behind' : 'ahead'
    return {
      says: `the clock of this machine is ${by} s ${opposite}: the service and the endpoint's Date header agree`,
      fix: 'Set the clock of this machine; if date -u is right here, that of the service.',
    }
  }
  return {
    says: `${service} of this machine's, and the endpoint's Date header differs from both`,
    fix: `Compare date -u on all three machines. ${setIt}`,
  }
}
