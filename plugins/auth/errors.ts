import { CodedError } from '@switchhook/shared/errors'

/** A credential that is refused; `why` is told to whoever sent it. */
export function invalid(why: string): CodedError {
  return new CodedError('auth_invalid', { args: [why] })
}

const patienceSeconds = 5

/** A credential that cannot be judged now, because something else is not there. */
export function unavailable(what: string, cause?: unknown): CodedError {
  const args = [what, patienceSeconds]
  return new CodedError('unavailable', { args, retryAfter: patienceSeconds, cause })
}

/** @throws CodedError `unavailable` */
export function storeAway(cause: unknown): never {
  throw unavailable('The store', cause)
}
