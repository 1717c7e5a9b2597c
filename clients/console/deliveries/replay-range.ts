import { problemOf, type Problem } from '../api/problem.ts'
import { request } from '../api/request.ts'
import type { Credential } from '../api/credential.ts'

/** Which deliveries are run again. */
export interface Range {
  readonly app: string
  /** RFC 3339. */
  readonly from: string
  readonly to: string
  /** Only those of this call. */
  readonly call?: string
}

/** What became of them. */
export interface Counts {
  readonly deliveries: number
  readonly accepted: number
  readonly duplicate: number
  readonly quarantined: number
  readonly purged: number
}

interface Options {
  /** Told after every step. */
  readonly onCounts: (counts: Counts) => void
  readonly signal: AbortSignal
}

const deadlineMs = 120_000
/** The hub asks to wait for at most a minute. */
const longestWait = 60

/** Reads them anew, some hundred at a time, at the pace the hub allows. @throws Problem */
export async function replayRange(
  credential: Credential,
  range: Range,
  { onCounts, signal }: Options,
): Promise<void> {
  let sum: Counts = { deliveries: 0, accepted: 0, duplicate: 0, quarantined: 0, purged: 0 }
  let after: string | null | undefined
  while (after !== null && !signal.aborted) {
    const body = { ...range, ...(after !== undefined && { after }) }
    const init = { method: 'POST', body, signal, deadlineMs } as const
    const answer = await request<Counts & { readonly next: string | null }>(
      credential,
      'internal/replay',
      init,
    ).catch((error: unknown) => waitIn(problemOf(error)))
    if (typeof answer === 'number') {
      await rest(answer, signal)
      continue
    }
    onCounts((sum = added(sum, answer)))
    after = answer.next
  }
}

/** Seconds after which it may go on. @throws the problem if it is another one */
function waitIn(problem: Problem): number {
  if (problem.status !== 429) throw problem
  return Math.min(longestWait, Math.max(1, problem.retryAfter ?? longestWait))
}

function rest(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1_000)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function added(one: Counts, other: Counts): Counts {
  return {
    deliveries: one.deliveries + other.deliveries,
    accepted: one.accepted + other.accepted,
    duplicate: one.duplicate + other.duplicate,
    quarantined: one.quarantined + other.quarantined,
    purged: one.purged + other.purged,
  }
}
