import { format } from 'node:util'
import { errorCodes, type Code, type ErrorCode } from './codes.ts'

export { errorCodes, type Code, type ErrorCode }

/** What a coded error may carry besides its code. */
export interface ErrorDetails {
  /** The arguments for `%s` in the message, and after those in the fix. */
  args?: readonly (string | number)[]
  /** The request parameter at fault. */
  parameter?: string
  /** Every mistake in a body, when there are several. */
  errors?: readonly { path: string; message: string }[]
  /** Seconds after which a retry makes sense: the Retry-After header. */
  retryAfter?: number
  cause?: unknown
}

/** An error whose code stands in the table of `codes.ts`; becomes problem+json, a close reason or a line of the CLI. */
export class CodedError extends Error {
  readonly code: Code
  readonly statusCode: number
  readonly fix: string | undefined
  readonly parameter: string | undefined
  readonly errors: ErrorDetails['errors']
  readonly retryAfter: number | undefined

  constructor(code: Code, details: ErrorDetails = {}) {
    const entry: ErrorCode = errorCodes[code]
    const args = details.args ?? []
    const used = entry.message.split('%s').length - 1
    super(format(entry.message, ...args.slice(0, used)), { cause: details.cause })
    this.name = 'CodedError'
    this.code = code
    this.statusCode = entry.status
    this.fix = entry.fix === undefined ? undefined : format(entry.fix, ...args.slice(used))
    this.parameter = details.parameter
    this.errors = details.errors
    this.retryAfter = details.retryAfter
  }
}
