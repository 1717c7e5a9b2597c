import { Problem, problemIn, problemOf } from './problem.ts'
import type { Credential } from './credential.ts'

export interface Init {
  /** GET unless told. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Ends the request: then it throws what the signal was ended with. */
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
}

/** A page of a list, as every list of the hub answers. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

const usualDeadlineMs = 15_000

/**
 * Asks the hub; `path` (`api/calls?limit=50`, no slash before it) is relative to this page, wherever a front proxy put
 * it. Answers the JSON of the answer, undefined if it has none.
 * @throws Problem
 */
export async function request<Answer>(
  credential: Credential,
  path: string,
  init: Init = {},
): Promise<Answer> {
  const { method = 'GET', body, headers, signal, deadlineMs = usualDeadlineMs } = init
  const deadline = AbortSignal.timeout(deadlineMs)
  try {
    const response = await fetch(new URL(path, document.baseURI), {
      method,
      headers: {
        authorization: `Bearer ${credential.text}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
    if (!response.ok) throw await problemIn(response)
    const text = await response.text()
    return (text === '' ? undefined : parse(text, response.status)) as Answer
  } catch (error) {
    if (signal?.aborted) throw error
    throw problemOf(error)
  }
}

/** `api/calls` with these parameters; what is empty is left out. */
export function pathOf(
  path: string,
  parameters: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value))
  }
  return query.size === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const detail = 'What answered is not the hub: its answer is no JSON.'
    throw new Problem({ status, code: 'unexpected_answer', detail })
  }
}
