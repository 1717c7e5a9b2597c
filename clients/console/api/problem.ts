/** What a problem says, as the hub's problem+json does. */
export interface ProblemFacts {
  /** The status of the answer; 0: there was none. */
  readonly status: number
  readonly code: string
  readonly detail: string
  /** What to do about it. */
  readonly fix: string | null
  /** The parameter that is wrong. */
  readonly parameter: string | null
  readonly requestId: string | null
  /** Seconds after which it may go well. */
  readonly retryAfter: number | null
}

/** A request that did not go well: what the hub says of it, or that the hub did not answer. */
export class Problem extends Error implements ProblemFacts {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly fix: string | null
  readonly parameter: string | null
  readonly requestId: string | null
  readonly retryAfter: number | null

  constructor(facts: Pick<ProblemFacts, 'code' | 'detail'> & Partial<ProblemFacts>) {
    super(`${facts.code}: ${facts.detail}`)
    this.status = facts.status ?? 0
    this.code = facts.code
    this.detail = facts.detail
    this.fix = facts.fix ?? null
    this.parameter = facts.parameter ?? null
    this.requestId = facts.requestId ?? null
    this.retryAfter = facts.retryAfter ?? null
  }
}

/** Whatever was thrown, as a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new Problem({ code: 'no_answer', detail: 'The hub did not answer in time.' })
  }
  return new Problem({
    code: 'unreachable',
    detail: 'The hub could not be reached.',
    fix: 'See that it runs and that this device is online, then try again.',
  })
}

/** The problem an answer tells; one of a proxy need not be in the hub's words. */
export async function problemIn(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null)
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new Problem({
    status: response.status,
    code: textOf(said['code']) ?? `http_${response.status}`,
    detail: textOf(said['detail']) ?? textOf(said['title']) ?? 'The answer says no more.',
    fix: textOf(said['fix']),
    parameter: textOf(said['parameter']),
    requestId: textOf(said['requestId']) ?? response.headers.get('x-request-id'),
    retryAfter: Number.isFinite(wait) ? wait : null,
  })
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null
