/** How a failure at Dialpad is to be understood. */
export type FailureKind =
  /** Nobody answered, too late, or too much. */
  | 'unreachable'
  /** Too many requests, or a failure of theirs: later it may work. */
  | 'busy'
  /** The access token is not accepted. */
  | 'unauthorized'
  /** The consent, or what stands for it, holds no longer: somebody must consent anew. */
  | 'revoked'
  /** Something in the request, the client or the account's rights. */
  | 'refused'

interface Details {
  /** Of the answer, if there was one. */
  readonly status?: number
  /** After so long it makes sense to try again, says Dialpad. */
  readonly retryAfterMs?: number | null
}

/** Dialpad did not do what it was asked; the message is for operators and holds nothing secret. */
export class DialpadFailure extends Error {
  override readonly name = 'DialpadFailure'
  readonly kind: FailureKind
  readonly status: number | null
  readonly retryAfterMs: number | null

  constructor(kind: FailureKind, message: string, { status, retryAfterMs }: Details = {}) {
    super(message)
    this.kind = kind
    this.status = status ?? null
    this.retryAfterMs = retryAfterMs ?? null
  }
}
