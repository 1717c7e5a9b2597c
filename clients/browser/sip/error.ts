/** Why a phone cannot be configured: a code of the server's table, or `unreachable`. */
export class SipError extends Error {
  declare readonly code: string
  /** What helps, if the server knows. */
  declare readonly fix?: string

  constructor(error: { code: string; detail?: string; fix?: string }) {
    super(error.detail ?? error.code)
    Object.assign(this, { code: error.code, fix: error.fix })
  }
}
