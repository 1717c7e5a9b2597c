import { errorCodes } from '../errors/index.ts'
import { objectIn } from './json.ts'

/** What an endpoint answered. */
export interface Answer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** When it came, by the clock of this machine, Unix milliseconds. */
  readonly atMs: number
}

/** An answer, or why there was none: what `fetch` threw. */
export type Outcome = Answer | { readonly failure: unknown }

/** An answer that the suite itself gave, and what it says. */
export type OurAnswer =
  | { readonly kind: 'taken'; readonly status: string }
  | {
      readonly kind: 'problem'
      readonly status: number
      readonly code: string
      readonly detail: string
      readonly fix: string | null
    }

const receipts = new Set(['accepted', 'duplicate', 'quarantined'])

/** What the suite says in an answer; null if somebody else gave it. */
export function ourAnswer({ status, body }: Answer): OurAnswer | null {
  const fields = objectIn(body)
  if (status === 200 && typeof fields['status'] === 'string') {
    return receipts.has(fields['status']) ? { kind: 'taken', status: fields['status'] } : null
  }
  const { code, detail, fix } = fields
  if (typeof code !== 'string' || !Object.hasOwn(errorCodes, code)) return null
  return {
    kind: 'problem',
    status,
    code,
    detail: typeof detail === 'string' ? detail : 'no reason was given',
    fix: typeof fix === 'string' ? fix : null,
  }
}
