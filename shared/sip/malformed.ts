/** Why something is no SIP: a value, never thrown. */
export class Malformed {
  /** What a strict element answers: 400, 505 (another version) or 513 (too large). */
  readonly code: 400 | 505 | 513
  /** What is wrong, in words that quote nothing of the message. */
  readonly reason: string
  /** The octet at which that was found. */
  readonly at: number

  constructor(at: number, reason: string, code: Malformed['code']) {
    this.at = at
    this.reason = reason
    this.code = code
  }
}

/** What a parser found, or why there is nothing to find. */
export type Parsed<T> = T | Malformed

/** Makes one; `code` 400 if not given. */
export function malformed(at: number, reason: string, code: Malformed['code'] = 400): Malformed {
  return new Malformed(at, reason, code)
}

/** Whether a parser found nothing. */
export function isMalformed(value: unknown): value is Malformed {
  return value instanceof Malformed
}
