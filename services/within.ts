import { CodedError } from '@switchhook/shared/errors'

/** What comes first: the promise's value, or undefined after so many milliseconds. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, ms, undefined)
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer))
}

const retryAfter = 5
/** A store that does not answer by then is taken for away. */
const deadlineMs = 5_000

/** What the store answers in time. @throws CodedError `unavailable`; one that is coded already as it comes */
export async function orUnavailable<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const found = await within(
    deadlineMs,
    answer.then((value) => ({ value })),
  ).catch((cause: unknown) => {
    throw cause instanceof CodedError ? cause : unavailable(cause)
  })
  if (!found) throw unavailable()
  return found.value
}

function unavailable(cause?: unknown): CodedError {
  return new CodedError('unavailable', { args: ['The store', retryAfter], retryAfter, cause })
}
