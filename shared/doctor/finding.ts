/** What an examination found, in one line and with what to do about it. */
export interface Finding {
  readonly ok: boolean
  /** A word for programs: `ok`, a code of `shared/errors`, or one of the doctor's own. */
  readonly code: string
  readonly message: string
  /** What to do; null if there is nothing to do. */
  readonly fix: string | null
}

/** All is well; `fix` is what could still be done. */
export function fine(code: string, message: string, fix: string | null = null): Finding {
  return { ok: true, code, message, fix }
}

/** Something is wrong. */
export function fault(code: string, message: string, fix: string | null): Finding {
  return { ok: false, code, message, fix }
}
