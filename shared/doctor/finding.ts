import { CodedError } from '../errors/index.ts'

/** What an examination found, in one line and with what to do about it. */
export interface Finding {
  readonly ok: boolean
  /** A word for programs: `ok`, a code of `shared/errors`, or one of the doctor's own. */
  readonly code: string
  readonly message: string
  /** What to do; null if there is nothing to do. */
  readonly fix: string | null
}

/** A finding, and what it is about. */
export interface Check extends Finding {
  /** What was looked at: `chain`, `/livez`, a URL. */
  readonly check: string
  /** More of it, for programs. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** All is well; `fix` is what could still be done. */
export function fine(code: string, message: string, fix: string | null = null): Finding {
  return { ok: true, code, message, fix }
}

/** Something is wrong. */
export function fault(code: string, message: string, fix: string | null): Finding {
  return { ok: false, code, message, fix }
}

/** It could not be looked at, or was not asked for. */
export function skipped(why: string, fix: string | null = null): Finding {
  return fine('skipped', why, fix)
}

/** What an error means: the words of the table, or its own. */
export function faultIn(error: unknown): Finding {
  if (error instanceof CodedError) return fault(error.code, error.message, error.fix ?? null)
  if (!(error instanceof Error)) return fault('upstream_failed', String(error), null)
  if (error.name !== 'TimeoutError') return fault('upstream_failed', error.message, null)
  return fault('upstream_timeout', 'There was no answer in the time for all of it', null)
}
